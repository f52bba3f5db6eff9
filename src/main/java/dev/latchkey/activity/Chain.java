package dev.latchkey.activity;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.UUID;

import jakarta.inject.Singleton;

import dev.latchkey.crypto.Peppers;
import dev.latchkey.crypto.Peppers.Check;
import dev.latchkey.crypto.Peppers.Digest;
import io.vertx.core.buffer.Buffer;
import org.jspecify.annotations.Nullable;

/**
 * The seals and links of the activity log: the one place that knows their layout. All are HMAC-SHA-256 under a pepper, which
 * is outside the database, each with a label of its own; the row names the pepper, so that old ones hold after a rotation.
 *
 * <table>
 * <caption>What is computed over what</caption>
 * <tr>
 * <th>tag</th>
 * <th>label</th>
 * <th>message</th>
 * </tr>
 * <tr>
 * <td>seal of an entry</td>
 * <td>activity-entry</td>
 * <td>entry</td>
 * </tr>
 * <tr>
 * <td>link</td>
 * <td>activity-link</td>
 * <td>link of the predecessor (32; zeros before the first), position (8), seal_key_id
 * (text), seal (bytes), entry</td>
 * </tr>
 * <tr>
 * <td>seal of a head</td>
 * <td>activity-head</td>
 * <td>organization (16), position (8), link (bytes)</td>
 * </tr>
 * </table>
 * <table>
 * <caption>The entry</caption>
 * <tr>
 * <th>column</th>
 * <th>form</th>
 * </tr>
 * <tr>
 * <td>(version)</td>
 * <td>1 byte, 1</td>
 * </tr>
 * <tr>
 * <td>id, organization_id</td>
 * <td>16 bytes each</td>
 * </tr>
 * <tr>
 * <td>at</td>
 * <td>seconds since the epoch (8), nanoseconds (4)</td>
 * </tr>
 * <tr>
 * <td>actor_type, actor_id, actor_name, action, target_type</td>
 * <td>text each</td>
 * </tr>
 * <tr>
 * <td>target_id</td>
 * <td>16 bytes</td>
 * </tr>
 * <tr>
 * <td>target_name, changes, ip, request_id</td>
 * <td>text each</td>
 * </tr>
 * </table>
 *
 * Numbers are big-endian. <em>text</em> and <em>bytes</em> are a length (4) and that many bytes, text in UTF-8; length −1 is
 * null. Every form tells its own end, so no two entries share an encoding.
 *
 * <p>
 * The seal is made with the entry, the link about a second later. With links alone, whoever can write to the table could slip
 * an entry in, or edit one, in that second, and the linker would vouch for it.
 */
@Singleton
class Chain {

    private static final byte VERSION = 1;
    private static final int NULL = -1;
    private static final int USUAL_BYTES = 512;
    private static final String ENTRY = "activity-entry";
    private static final String LINK = "activity-link";
    private static final String HEAD = "activity-head";

    private final Peppers peppers;

    Chain(Peppers peppers) {
        this.peppers = peppers;
    }

    /** Seals an entry that is about to be written. */
    void seal(ActivityEntry entry) {
        Digest seal = peppers.stamp(ENTRY, encode(entry).getBytes());
        entry.sealKeyId = seal.pepperId();
        entry.seal = seal.bytes();
    }

    /**
     * Gives an entry its place.
     *
     * @return the chain's head from now on
     */
    Head link(Head predecessor, long position, ActivityEntry entry) {
        Digest link = peppers.stamp(LINK, linkMessage(predecessor, position, entry));
        entry.position = position;
        entry.linkKeyId = link.pepperId();
        entry.link = link.bytes();
        return new Head(position, link.bytes());
    }

    Digest seal(UUID organization, Head head) {
        return peppers.stamp(HEAD, headMessage(organization, head));
    }

    /** Whether a head is one that this service recorded; null: it is. */
    @Nullable
    Flaw flaw(UUID organization, Head head, Digest seal) {
        return flaw(peppers.check(HEAD, seal, headMessage(organization, head)), Flaw.HEAD_ALTERED);
    }

    /** Whether an entry is as it was written; null: it is. */
    @Nullable
    Flaw flaw(ActivityEntry entry) {
        return flaw(peppers.check(ENTRY, new Digest(entry.sealKeyId, entry.seal), encode(entry).getBytes()),
                Flaw.ENTRY_ALTERED);
    }

    /** Whether a linked entry is as it was written, and the one that follows; null: it is. */
    @Nullable
    Flaw flaw(Head predecessor, ActivityEntry entry) {
        if (entry.position == null || entry.linkKeyId == null || entry.link == null
                || entry.position != predecessor.position() + 1) {
            return Flaw.MISSING;
        }
        Flaw altered = flaw(entry);
        return altered != null ? altered
                : flaw(peppers.check(LINK, new Digest(entry.linkKeyId, entry.link),
                        linkMessage(predecessor, entry.position, entry)), Flaw.OUT_OF_PLACE);
    }

    private static @Nullable Flaw flaw(Check check, Flaw forged) {
        return switch (check) {
            case GENUINE -> null;
            case FORGED -> forged;
            case UNKNOWN_PEPPER -> Flaw.UNKNOWN_KEY;
        };
    }

    private static byte[] linkMessage(Head predecessor, long position, ActivityEntry entry) {
        Buffer message = Buffer.buffer(USUAL_BYTES).appendBytes(predecessor.link()).appendLong(position);
        text(message, entry.sealKeyId);
        bytes(message, entry.seal);
        return message.appendBuffer(encode(entry)).getBytes();
    }

    private static byte[] headMessage(UUID organization, Head head) {
        Buffer message = Buffer.buffer();
        id(message, organization);
        message.appendLong(head.position());
        bytes(message, head.link());
        return message.getBytes();
    }

    private static Buffer encode(ActivityEntry entry) {
        Buffer message = Buffer.buffer(USUAL_BYTES).appendByte(VERSION);
        id(message, entry.id);
        id(message, entry.organizationId);
        instant(message, entry.at);
        text(message, entry.actorType);
        text(message, entry.actorId);
        text(message, entry.actorName);
        text(message, entry.action);
        text(message, entry.targetType);
        id(message, entry.targetId);
        text(message, entry.targetName);
        text(message, entry.changes);
        text(message, entry.ip);
        text(message, entry.requestId);
        return message;
    }

    private static void id(Buffer message, UUID id) {
        message.appendLong(id.getMostSignificantBits()).appendLong(id.getLeastSignificantBits());
    }

    /** In two numbers: the microseconds of an instant that someone set to infinity would overflow. */
    private static void instant(Buffer message, Instant instant) {
        message.appendLong(instant.getEpochSecond()).appendInt(instant.getNano());
    }

    private static void text(Buffer message, @Nullable String text) {
        bytes(message, text == null ? null : text.getBytes(StandardCharsets.UTF_8));
    }

    private static void bytes(Buffer message, byte @Nullable [] bytes) {
        if (bytes == null) {
            message.appendInt(NULL);
        } else {
            message.appendInt(bytes.length).appendBytes(bytes);
        }
    }
}
