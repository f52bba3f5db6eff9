package dev.latchkey.boot;

import java.nio.file.Path;

import dev.latchkey.crypto.Secret;
import org.eclipse.microprofile.config.Config;
import org.jspecify.annotations.Nullable;

/**
 * What a first start tells: where Latchkey is, and commands that can be copied as they stand.
 *
 * @param baseUrl without a slash at the end
 * @param ownerToken the file, or null with an identity provider of the user's own
 */
record Welcome(String baseUrl, @Nullable Path ownerToken) {

    /** Where {@link EmbeddedStart} left the owner's token; absent, there is none. */
    static final String OWNER_TOKEN_FILE = "latchkey.boot.owner-token-file";

    static Welcome of(Config config) {
        String port = config.getValue(Settings.HTTP_PORT, String.class);
        return new Welcome("http://localhost:" + port,
                config.getOptionalValue(OWNER_TOKEN_FILE, String.class).map(file -> shown(Path.of(file))).orElse(null));
    }

    /** Relative where it lies below the working directory: so it can be copied into a shell that stands there. */
    private static Path shown(Path file) {
        Path here = Path.of("").toAbsolutePath();
        return file.startsWith(here) ? here.relativize(file) : file;
    }

    /** Whether there is a local issuer, hence an owner who can be let in. */
    boolean hasOwner() {
        return ownerToken != null;
    }

    /**
     * The line that lets the owner into the panel. Not for the log, which is kept and collected: who reads it within a quarter
     * of an hour would be let in.
     *
     * @param link which works once
     */
    static String signIn(Secret link) {
        return "  sign in          " + link.reveal()
                + "\n                   (once, within 15 minutes; each start prints another)";
    }

    String text() {
        String bearer = ownerToken == null ? "<token of your identity provider>" : "$(cat " + ownerToken + ")";
        return """
                Latchkey is at %1$s
                  API to try out   %1$s/q/swagger-ui
                  token            %2$s
                  create a key     curl -s %1$s/api/v1/keys -H "Authorization: Bearer %3$s" \
                -H 'Content-Type: application/json' -d '{"name":"My first key","scopes":["orders:read"],"access":{"type":"all"}}'
                  list the keys    curl -s %1$s/api/v1/keys -H "Authorization: Bearer %3$s"
                """
                .formatted(baseUrl, ownerToken == null ? "from your identity provider" : ownerToken, bearer).stripTrailing();
    }
}
