package dev.latchkey.credential;

import java.util.List;

import org.jspecify.annotations.Nullable;

/**
 * What came of connecting, as the page tells it that a person sees at the end.
 *
 * @param name what people call the credential; null where that must not be told: to whoever has not shown a state that leads
 *        there
 * @param detail a sentence of the test, or a code of the provider's; null: there is none
 * @param lost scopes that were granted before, or asked for, and are not granted now
 * @param isUnproved whether something was connected before, and nobody can say that this is the same account
 * @param returnTo where the page leads back to; null: nowhere
 */
record ConnectResult(Code code, @Nullable String name, @Nullable String detail, List<String> lost, boolean isUnproved,
        @Nullable String returnTo) {

    /** Of what none of our states leads to. */
    static ConnectResult of(Code code) {
        return of(code, null, null, null);
    }

    /** Of what was not connected. */
    static ConnectResult of(Code code, @Nullable String name, @Nullable String detail, @Nullable String returnTo) {
        return new ConnectResult(code, name, detail, List.of(), false, returnTo);
    }

    /** How it ended. */
    enum Code {
        /** The credential works, as far as its test says. */
        CONNECTED("connected", 200),
        /** It works, but not for everything, or not for long. */
        CONNECTED_LIMITED("connected-limited", 200),
        /** It is stored, and its test says nothing, or that nobody can be reached. */
        CONNECTED_UNTESTED("connected-untested", 200),
        /** The provider has ended the new tokens together with the old ones that were given back. */
        ENDED_WITH_THE_OLD("ended-with-the-old", 502),
        /** Used before, ended, or never ours. */
        UNKNOWN_STATE("unknown-state", 400),
        /** Begun in another browser. */
        OTHER_BROWSER("other-browser", 400),
        /** The organization is suspended or being deleted. */
        SUSPENDED("suspended", 403),
        /** The credential was deleted, or leads elsewhere by now. */
        CHANGED("changed", 409),
        /** The person has not agreed. */
        DENIED("denied", 200),
        /** The provider sent an error back. */
        PROVIDER_ERROR("provider-error", 502),
        /** Another server than the one that the person was sent to has sent him back. */
        WRONG_ISSUER("wrong-issuer", 400),
        /** Nothing came back that could be presented. */
        NO_CODE("no-code", 400),
        /** The token endpoint does not take the code. */
        CODE_REFUSED("code-refused", 502),
        /** The token endpoint does not take the client. */
        CLIENT_REFUSED("client-refused", 502),
        /** The token endpoint could not be reached, or failed. */
        UNREACHABLE("unreachable", 502),
        /** The new tokens did not pass the test. */
        TEST_FAILED("test-failed", 502),
        /** Another account than before. */
        OTHER_ACCOUNT("other-account", 409),
        /** The account was known, and this time nobody has told it. */
        ACCOUNT_UNKNOWN("account-unknown", 409),
        /** A fault of ours. */
        FAILED("failed", 500);

        private final String text;
        private final int status;

        Code(String text, int status) {
            this.text = text;
            this.status = status;
        }

        /** In texts and in the activity log. */
        String text() {
            return text;
        }

        /** Of HTTP. */
        int status() {
            return status;
        }

        boolean isConnected() {
            return this == CONNECTED || this == CONNECTED_LIMITED || this == CONNECTED_UNTESTED;
        }
    }
}
