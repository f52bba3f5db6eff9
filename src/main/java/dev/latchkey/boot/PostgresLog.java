package dev.latchkey.boot;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The file that PostgreSQL writes its messages to, and what of it is worth quoting.
 *
 * <p>
 * It stays small without a log rotation of its own: errors of statements are not logged (whoever sent them is told), and
 * each start of a postmaster sets a file beyond {@value #LARGE_BYTES} bytes aside, over the one set aside before.
 *
 * @param file appended to by the postmaster itself, so that it stays whole whatever happens to Latchkey
 */
record PostgresLog(Path file) {

    private static final long LARGE_BYTES = 4L << 20;
    private static final int QUOTED_BYTES = 32 << 10;
    /** "2026-11-22 05:34:57.345 UTC [7542] FATAL: …", or without the time from initdb ("initdb: error: …"). */
    private static final Pattern WORST = Pattern.compile("(?:FATAL|PANIC|error):\\s+(.*)");
    private static final Pattern DETAIL = Pattern.compile("DETAIL:\\s+(.*)");

    /**
     * Makes room, and the file (mode 0600) where it is missing.
     *
     * @return where the next message will stand
     */
    long prepare() {
        try {
            if (size() > LARGE_BYTES) {
                Files.move(file, file.resolveSibling(file.getFileName() + ".1"), StandardCopyOption.REPLACE_EXISTING);
            }
            if (Files.notExists(file)) {
                Files.createFile(file, DataDirectory.OWNER_ONLY);
            }
            return size();
        } catch (IOException e) {
            throw new StartRefused("PostgreSQL's log " + file + " cannot be written (" + DataDirectory.reason(e)
                    + "): make it writable for this user.", e);
        }
    }

    private long size() throws IOException {
        return Files.exists(file) ? Files.size(file) : 0;
    }

    /** What PostgreSQL complained of since then: see {@link #complaint(String)}. */
    String complaintSince(long mark) {
        try (RandomAccessFile log = new RandomAccessFile(file.toFile(), "r")) {
            log.seek(Math.max(mark, log.length() - QUOTED_BYTES));
            byte[] bytes = new byte[(int) Math.max(0, log.length() - log.getFilePointer())];
            log.readFully(bytes);
            return complaint(new String(bytes, StandardCharsets.UTF_8));
        } catch (IOException e) {
            return "its log " + file + " cannot be read";
        }
    }

    /** The last FATAL or PANIC message with its detail; else the last lines, since some failures come before the log. */
    static String complaint(String output) {
        List<String> lines = output.lines().map(String::strip).filter(line -> !line.isEmpty()).toList();
        for (int i = lines.size() - 1; i >= 0; i--) {
            Matcher worst = WORST.matcher(lines.get(i));
            if (worst.find()) {
                Matcher detail = DETAIL.matcher(i + 1 < lines.size() ? lines.get(i + 1) : "");
                return worst.group() + (detail.find() ? " (" + detail.group(1) + ")" : "");
            }
        }
        return lines.isEmpty() ? "it ended without a word"
                : String.join(" ", lines.subList(Math.max(0, lines.size() - 3), lines.size()));
    }
}
