package dev.latchkey.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;

import dev.latchkey.net.IpAddress;
import org.jspecify.annotations.Nullable;

/**
 * A DNS server of the test's own, which says of a name one thing now and another the next time it is asked. Nothing it says
 * may be kept (TTL 0). Names that it was not told of do not exist.
 */
public final class NameServer implements AutoCloseable {

    private static final int A = 1;
    private static final int NS = 2;
    private static final int HEADER_BYTES = 12;
    private static final int ANSWERED = 0x8180;
    private static final int NO_SUCH_NAME = 0x8183;
    private static final int NAME_OF_QUESTION = 0xc00c;
    private static final int POINTER = 0xc000;
    private static final int MAX_BYTES = 1024;

    private final DatagramSocket socket;
    private final Map<String, Deque<List<byte[]>>> answers = new ConcurrentHashMap<>();
    private final AtomicInteger dropped = new AtomicInteger();
    private final AtomicInteger referred = new AtomicInteger();
    private final Queue<String> questions = new ConcurrentLinkedQueue<>();

    private NameServer(DatagramSocket socket) {
        this.socket = socket;
    }

    /** Begins to answer, on a free port of this machine. */
    public static NameServer start() {
        try {
            var server = new NameServer(new DatagramSocket(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0)));
            var thread = new Thread(server::serve, "name-server");
            thread.setDaemon(true);
            thread.start();
            return server;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** As the setting {@code latchkey.egress.dns-servers} takes it. */
    public String address() {
        return "127.0.0.1:" + socket.getLocalPort();
    }

    /** What it says of the name from now on. */
    public NameServer says(String name, String... addresses) {
        answers.put(name, new ArrayDeque<>(List.of(parsed(addresses))));
        return this;
    }

    /** What it says of the name from the next question for its IPv4 addresses on. */
    public NameServer thenSays(String name, String... addresses) {
        answers.computeIfPresent(name, (same, said) -> {
            synchronized (said) {
                said.add(parsed(addresses));
            }
            return said;
        });
        return this;
    }

    /** From now on that many datagrams get lost on their way here. */
    public NameServer loses(int datagrams) {
        dropped.set(datagrams);
        return this;
    }

    /** It refers that many questions to a server at 127.0.0.9, as if it had not been asked to find the answer itself. */
    public NameServer refers(int datagrams) {
        referred.set(datagrams);
        return this;
    }

    /** The names that it was asked for, in lower case, once for each pair of questions (A, AAAA). */
    public List<String> questions() {
        return List.copyOf(questions);
    }

    @Override
    public void close() {
        socket.close();
    }

    private static List<byte[]> parsed(String... addresses) {
        var parsed = new ArrayList<byte[]>();
        for (var address : addresses) {
            // Not by the JDK, which takes a mapped address for an IPv4 one.
            var bits = Objects.requireNonNull(IpAddress.parse(address), address);
            parsed.add(address.indexOf(':') < 0 ? ByteBuffer.allocate(4).putInt((int) bits.low()).array()
                    : ByteBuffer.allocate(16).putLong(bits.high()).putLong(bits.low()).array());
        }
        return parsed;
    }

    private void serve() {
        var buffer = new byte[MAX_BYTES];
        while (!socket.isClosed()) {
            try {
                var packet = new DatagramPacket(buffer, buffer.length);
                socket.receive(packet);
                if (dropped.getAndUpdate(left -> Math.max(0, left - 1)) > 0) {
                    continue;
                }
                var answer = answer(ByteBuffer.wrap(buffer, 0, packet.getLength()));
                socket.send(new DatagramPacket(answer.array(), answer.position(), packet.getSocketAddress()));
            } catch (IOException closed) {
                // The loop ends, or the next question comes.
            }
        }
    }

    private ByteBuffer answer(ByteBuffer question) {
        var id = question.getShort();
        question.position(HEADER_BYTES);
        var name = name(question);
        var type = question.getShort() & 0xffff;
        question.getShort();
        var asked = new byte[question.position() - HEADER_BYTES];
        question.position(HEADER_BYTES);
        question.get(asked);
        if (referred.getAndUpdate(left -> Math.max(0, left - 1)) > 0) {
            return referral(id, asked);
        }
        var addresses = addresses(name, type);
        var known = addresses == null ? List.<byte[]> of()
                : addresses.stream().filter(each -> each.length == (type == A ? 4 : 16)).toList();
        var answer = ByteBuffer.allocate(MAX_BYTES);
        answer.putShort(id).putShort((short) (addresses == null ? NO_SUCH_NAME : ANSWERED)).putShort((short) 1)
                .putShort((short) known.size()).putShort((short) 0).putShort((short) 0).put(asked);
        for (var address : known) {
            answer.putShort((short) NAME_OF_QUESTION).putShort((short) type).putShort((short) 1).putInt(0)
                    .putShort((short) address.length).put(address);
        }
        return answer;
    }

    /** That the zone is served by {@code ns} beneath the name, and where that is. */
    private static ByteBuffer referral(short id, byte[] asked) {
        var answer = ByteBuffer.allocate(MAX_BYTES).putShort(id).putShort((short) ANSWERED).putShort((short) 1)
                .putShort((short) 0).putShort((short) 1).putShort((short) 1).put(asked);
        answer.putShort((short) NAME_OF_QUESTION).putShort((short) NS).putShort((short) 1).putInt(60).putShort((short) 5);
        var server = answer.position();
        answer.put((byte) 2).put((byte) 'n').put((byte) 's').putShort((short) NAME_OF_QUESTION);
        return answer.putShort((short) (POINTER | server)).putShort((short) A).putShort((short) 1).putInt(60)
                .putShort((short) 4).putInt(0x7f00_0009);
    }

    private @Nullable List<byte[]> addresses(String name, int type) {
        var said = answers.get(name);
        if (type == A) {
            questions.add(name);
        }
        if (said == null) {
            return null;
        }
        synchronized (said) {
            // A question for the other family belongs to the same look-up, in whichever order the two arrive.
            return type == A && said.size() > 1 ? said.poll() : said.peek();
        }
    }

    private static String name(ByteBuffer question) {
        var name = new StringBuilder();
        for (var length = question.get(); length > 0; length = question.get()) {
            var label = new byte[length];
            question.get(label);
            name.append(name.length() == 0 ? "" : ".").append(new String(label, StandardCharsets.US_ASCII));
        }
        return name.toString().toLowerCase(Locale.ROOT);
    }
}
