package dev.latchkey.key;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;

import io.vertx.core.buffer.Buffer;
import org.junit.jupiter.api.Test;

/** Files cut into pieces wherever the network likes. */
class ImportLinesTest {

    @Test
    void linesAreTheSameWhereverTheFileIsCut() {
        Random random = new Random(17);
        for (int round = 0; round < 500; round++) {
            StringBuilder file = new StringBuilder();
            List<String> expected = new ArrayList<>();
            int count = random.nextInt(12);
            for (int i = 1; i <= count; i++) {
                String line = random.nextInt(4) == 0 ? " \t".repeat(random.nextInt(3))
                        : "{\"né\": \"" + "ñ".repeat(random.nextInt(40)) + i;
                boolean carriageReturn = random.nextBoolean();
                boolean end = i < count || random.nextBoolean();
                file.append(line).append(carriageReturn ? "\r" : "").append(end ? "\n" : "");
                if (!line.isBlank()) {
                    expected.add(i + ":" + line);
                }
            }
            byte[] bytes = file.toString().getBytes(StandardCharsets.UTF_8);
            ImportLines lines = new ImportLines();
            List<String> found = new ArrayList<>();
            for (int from = 0; from < bytes.length;) {
                int to = Math.min(bytes.length, from + 1 + random.nextInt(30));
                lines.add(Buffer.buffer(Arrays.copyOfRange(bytes, from, to)));
                drain(lines, found);
                from = to;
            }
            lines.end();
            drain(lines, found);

            assertThat(found).as("round " + round).isEqualTo(expected);
        }
    }

    @Test
    void anOverlongLineIsToldAndTheNextOneIsRead() {
        ImportLines lines = new ImportLines();
        List<ImportLines.Line> found = new ArrayList<>();
        String file = "x".repeat(ImportLines.MAX_BYTES) + "\n" + "y".repeat(ImportLines.MAX_BYTES + 1) + "\n"
                + "z".repeat(1_000_000)
                + "\nshort";
        for (int from = 0; from < file.length(); from += 8192) {
            lines.add(Buffer.buffer(file.substring(from, Math.min(file.length(), from + 8192))));
            for (ImportLines.Line line = lines.next(); line != null; line = lines.next()) {
                found.add(line);
            }
        }
        lines.end();
        found.add(lines.next());

        assertThat(found).extracting(ImportLines.Line::number).containsExactly(1L, 2L, 3L, 4L);
        assertThat(found).extracting(ImportLines.Line::tooLong).containsExactly(false, true, true, false);
        assertThat(found.get(3).text()).isEqualTo("short");
        assertThat(lines.next()).isNull();
    }

    @Test
    void whatIsNotUtf8IsToldAndAByteOrderMarkIsNot() {
        ImportLines lines = new ImportLines();
        lines.add(Buffer
                .buffer(new byte[] { (byte) 0xEF, (byte) 0xBB, (byte) 0xBF, '{', '}', '\n', (byte) 0xFF, '\n', '{', 0, '}' }));

        assertThat(lines.next()).extracting(ImportLines.Line::text).isEqualTo("{}");
        assertThat(lines.next()).satisfies(line -> assertThat(line.text()).isNull());
        lines.end();
        assertThat(lines.next()).extracting(ImportLines.Line::text).isEqualTo("{\0}");
    }

    @Test
    void aLineIsNeverPrinted() {
        ImportLines lines = new ImportLines();
        lines.add(Buffer.buffer("secret\n"));

        assertThat(lines.next()).hasToString("Line[number=1]");
    }

    private static void drain(ImportLines lines, List<String> found) {
        for (ImportLines.Line line = lines.next(); line != null; line = lines.next()) {
            found.add(line.number() + ":" + String.valueOf(line.text()).replace("\r", ""));
        }
    }
}
