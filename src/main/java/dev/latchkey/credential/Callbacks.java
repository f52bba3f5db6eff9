package dev.latchkey.credential;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

import jakarta.inject.Singleton;

import dev.latchkey.credential.AuthorizationAddress.Ends;
import dev.latchkey.credential.Authorizations.Taken;
import dev.latchkey.credential.CallbackParameters.Said;
import dev.latchkey.credential.ConnectResult.Code;
import dev.latchkey.crypto.Secret;
import dev.latchkey.identity.Origin;
import io.smallrye.mutiny.Uni;
import io.vertx.core.http.HttpServerRequest;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * People who come back from a provider.
 *
 * <p>
 * <b>Invariant:</b> the tokens that stand are touched by nothing but new ones that were given for this credential, to this
 * client, and that {@link Connected} has found to be as good. Whoever comes back without a state of ours gets no further than
 * that; whoever has one uses it up first ({@link Authorizations}), so that neither a reload nor a copy of the address, nor
 * two of them at once, present a code twice. Then everything that the state was made for is looked at, each before the provider
 * is asked: the browser, the organization, the client and its addresses, the issuer.
 */
@Singleton
class Callbacks {

    private static final Logger LOG = Logger.getLogger(Callbacks.class);
    private static final String DENIED = "access_denied";

    private final ConnectTokens tokens;
    private final Authorizations authorizations;
    private final Providers providers;
    private final Connectables connectables;
    private final CredentialSecrets secrets;
    private final TokenExchange exchange;
    private final Connected connected;
    private final Connections connections;

    Callbacks(ConnectTokens tokens, Authorizations authorizations, Providers providers, Connectables connectables,
            CredentialSecrets secrets, TokenExchange exchange, Connected connected, Connections connections) {
        this.tokens = tokens;
        this.authorizations = authorizations;
        this.providers = providers;
        this.connectables = connectables;
        this.secrets = secrets;
        this.exchange = exchange;
        this.connected = connected;
        this.connections = connections;
    }

    /** The state that a request shows; null where it shows none of ours, or several. */
    @Nullable
    Secret state(CallbackParameters parameters) {
        List<String> shown = parameters.states(providers.all());
        List<Secret> ours = new ArrayList<>();
        for (String text : shown) {
            Secret state = tokens.parse(text);
            if (state != null) {
                ours.add(state);
            }
        }
        return ours.size() == 1 ? ours.get(0) : null;
    }

    /**
     * Goes on with whoever has come back.
     *
     * @param state as {@link #state} has found it
     */
    Uni<ConnectResult> come(Secret state, CallbackParameters parameters, HttpServerRequest request, Origin from,
            Locale locale) {
        boolean isItsBrowser = tokens.isFromItsBrowser(state, request);
        return authorizations.take(state, from).flatMap(found -> found.isEmpty()
                ? Uni.createFrom().item(ConnectResult.of(Code.UNKNOWN_STATE))
                : toTheEnd(found.get(), isItsBrowser, parameters, locale));
    }

    /** What comes of it, written down where nothing was connected: also of what turned up where it should not. */
    private Uni<ConnectResult> toTheEnd(Taken taken, boolean isItsBrowser, CallbackParameters parameters, Locale locale) {
        ConnectResult gone = gone(taken, isItsBrowser);
        Uni<ConnectResult> end = gone == null ? read(taken, parameters, locale) : Uni.createFrom().item(gone);
        return end.onFailure().call(fault -> connections
                .failed(taken, ConnectResult.of(Code.FAILED, taken.name(), null, taken.returnTo())).onFailure()
                .recoverWithNull())
                .call(result -> result.code().isConnected() ? Uni.createFrom().voidItem()
                        : connections.failed(taken, result));
    }

    /** What ends it before anything else is looked at. */
    private static @Nullable ConnectResult gone(Taken taken, boolean isItsBrowser) {
        if (!taken.isLive()) {
            return ConnectResult.of(Code.UNKNOWN_STATE);
        }
        if (taken.inBrowser() && !isItsBrowser) {
            LOG.warnf("someone came back from a provider in another browser than had begun: org=%s credentialId=%s",
                    taken.organization(), taken.credential());
            return ConnectResult.of(Code.OTHER_BROWSER);
        }
        return taken.mayAct() ? null : ConnectResult.of(Code.SUSPENDED);
    }

    private Uni<ConnectResult> read(Taken taken, CallbackParameters parameters, Locale locale) {
        return connectables.find(taken.organization(), taken.credential()).flatMap(found -> found.isEmpty()
                ? Uni.createFrom().item(ConnectResult.of(Code.CHANGED, null, null, taken.returnTo()))
                : goOn(taken, found.get(), parameters, locale));
    }

    private Uni<ConnectResult> goOn(Taken taken, Connectable standing, CallbackParameters parameters, Locale locale) {
        Provider provider = standing.material().provider();
        Said said = parameters.said(provider).orElse(null);
        Ends ends = standing.address().ends();
        ConnectResult refusal = refusal(taken, standing, said, ends);
        if (refusal != null || said == null || ends == null || said.code() == null) {
            return Uni.createFrom().item(refusal == null ? told(Code.NO_CODE, taken, standing, null) : refusal);
        }
        Secret code = said.code();
        Instant issued = taken.clock().instant();
        return secrets.key(taken.organization())
                .flatMap(key -> exchange.present(
                        new TokenCall(provider, standing.material().variables(), standing.data()),
                        new TokenExchange.Code(ends.token(), code, taken.redirect(), taken.verifier(key)), taken.clock()))
                .flatMap(exchanged -> {
                    Granted granted = exchanged.outcome().granted();
                    return granted == null ? Uni.createFrom().item(told(refused(exchanged.outcome()), taken, standing,
                            exchanged.outcome().error()))
                            : connected.take(new Candidate(standing, taken, said, granted, exchanged.answer(), issued),
                                    locale);
                });
    }

    private @Nullable ConnectResult refusal(Taken taken, Connectable standing, @Nullable Said said, @Nullable Ends ends) {
        if (ends == null || !connectables.isStillFor(taken, standing)) {
            return told(Code.CHANGED, taken, standing, null);
        }
        if (said == null) {
            return told(Code.NO_CODE, taken, standing, null);
        }
        // Before the error: another server's has nothing to say here either.
        if (!Issuers.isRight(taken.issuer().name(), taken.issuer().isAlwaysTold(), said.issuer(), ends.authorize(),
                ends.token())) {
            return told(Code.WRONG_ISSUER, taken, standing, null);
        }
        if (said.error() != null) {
            return said.error().equals(DENIED) ? told(Code.DENIED, taken, standing, null)
                    : told(Code.PROVIDER_ERROR, taken, standing, said.error());
        }
        return ConnectedAccount.contradicts(standing.material().provider(), standing.material().variables(), said.kept())
                ? told(Code.OTHER_ACCOUNT, taken, standing, null)
                : null;
    }

    private static Code refused(RefreshOutcome outcome) {
        return switch (outcome.code()) {
            case GRANTED, GRANT_REFUSED, REJECTED, WITHOUT_PAIR -> Code.CODE_REFUSED;
            case CLIENT_REFUSED -> Code.CLIENT_REFUSED;
            case BUSY, UNREACHED, LOST -> Code.UNREACHABLE;
        };
    }

    private static ConnectResult told(Code code, Taken taken, Connectable standing, @Nullable String detail) {
        return ConnectResult.of(code, standing.stored().name(), detail, taken.returnTo());
    }
}
