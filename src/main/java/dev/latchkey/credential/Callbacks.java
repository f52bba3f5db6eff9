package dev.latchkey.credential;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.UUID;

import jakarta.inject.Singleton;

import dev.latchkey.credential.Authorizations.Taken;
import dev.latchkey.credential.CallbackParameters.Said;
import dev.latchkey.credential.ConnectResult.Code;
import dev.latchkey.credential.CredentialData.Grant;
import dev.latchkey.credential.CredentialData.OAuth2;
import dev.latchkey.crypto.Secret;
import dev.latchkey.identity.Origin;
import dev.latchkey.net.Destination;
import dev.latchkey.web.ProblemException;
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
    private static final int INTERNAL = 500;

    private final ConnectTokens tokens;
    private final Authorizations authorizations;
    private final Providers providers;
    private final OpenCredentials open;
    private final CredentialChecks checks;
    private final CredentialSecrets secrets;
    private final Pairs pairs;
    private final TokenExchange exchange;
    private final Connected connected;
    private final Connections connections;

    Callbacks(ConnectTokens tokens, Authorizations authorizations, Providers providers, OpenCredentials open,
            CredentialChecks checks, CredentialSecrets secrets, Pairs pairs, TokenExchange exchange, Connected connected,
            Connections connections) {
        this.tokens = tokens;
        this.authorizations = authorizations;
        this.providers = providers;
        this.open = open;
        this.checks = checks;
        this.secrets = secrets;
        this.pairs = pairs;
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
                : gone(found.get(), isItsBrowser).map(result -> Uni.createFrom().item(result))
                        .orElseGet(() -> read(found.get(), parameters, locale)));
    }

    /** What ends it before anything else is looked at. */
    private static Optional<ConnectResult> gone(Taken taken, boolean isItsBrowser) {
        if (!taken.isLive()) {
            return Optional.of(ConnectResult.of(Code.UNKNOWN_STATE));
        }
        if (taken.inBrowser() && !isItsBrowser) {
            LOG.warnf("someone came back from a provider in another browser than had begun: org=%s credentialId=%s",
                    taken.organization(), taken.credential());
            return Optional.of(ConnectResult.of(Code.OTHER_BROWSER));
        }
        return taken.mayAct() ? Optional.empty() : Optional.of(ConnectResult.of(Code.SUSPENDED));
    }

    /** A credential as it stands, and what its provider is told. */
    private record Read(OpenCredential stored, long pairVersion, CredentialMaterial material, OAuth2 data,
            AuthorizationAddress address) {
    }

    private Uni<ConnectResult> read(Taken taken, CallbackParameters parameters, Locale locale) {
        UUID organization = taken.organization();
        // The version first: what moves between the two is found out when the new tokens are stored.
        return pairs.version(organization, taken.credential())
                .flatMap(version -> open.of(organization, taken.credential()).map(stored -> asItStands(stored, version)))
                .onFailure(Callbacks::isOther).recoverWithItem(Optional.empty())
                .flatMap(read -> read.isEmpty() ? Uni.createFrom().item(ConnectResult.of(Code.CHANGED, null, null,
                        taken.returnTo())) : goOn(taken, read.get(), parameters, locale));
    }

    /** Deleted, altered, or none that fits its provider's entry any more. */
    private static boolean isOther(Throwable failure) {
        return failure instanceof ProblemException problem && problem.code().status() < INTERNAL;
    }

    private Optional<Read> asItStands(OpenCredential stored, long pairVersion) {
        if (!(stored.data() instanceof OAuth2 data) || data.grant() != Grant.AUTHORIZATION_CODE) {
            return Optional.empty();
        }
        CredentialMaterial material = checks.material(stored);
        return Optional.of(new Read(stored, pairVersion, material, data, AuthorizationAddress.of(material, data)));
    }

    private Uni<ConnectResult> goOn(Taken taken, Read read, CallbackParameters parameters, Locale locale) {
        Provider provider = read.material().provider();
        Said said = parameters.said(provider).orElse(null);
        Destination there = read.address().endpoint();
        Destination tokenUrl = read.address().tokenEndpoint();
        ConnectResult refusal = refusal(taken, read, said, there, tokenUrl);
        if (refusal != null || said == null || tokenUrl == null || said.code() == null) {
            ConnectResult result = refusal == null ? told(Code.NO_CODE, taken, read, null) : refusal;
            return connections.failed(taken, read.stored().name(), result).replaceWith(result);
        }
        Secret code = said.code();
        return secrets.key(taken.organization())
                .flatMap(key -> exchange.present(provider, read.material().variables(), read.data(),
                        new TokenExchange.Code(tokenUrl, code, taken.redirect(), taken.verifier(key))))
                .flatMap(exchanged -> {
                    Granted granted = exchanged.outcome().granted();
                    return granted == null ? Uni.createFrom().item(told(refused(exchanged.outcome()), taken, read,
                            exchanged.outcome().error()))
                            : connected.take(new Connected.Candidate(read.stored(), read.pairVersion(), read.material(),
                                    read.data(), read.address().scopes(), taken, said, granted, exchanged.answer()), locale);
                })
                .call(result -> result.code().isConnected() ? Uni.createFrom().voidItem()
                        : connections.failed(taken, read.stored().name(), result));
    }

    private @Nullable ConnectResult refusal(Taken taken, Read read, @Nullable Said said, @Nullable Destination there,
            @Nullable Destination tokenUrl) {
        if (there == null || tokenUrl == null
                || !tokens.isClient(taken.client(), read.data().clientId(), there.url(), tokenUrl.url())) {
            return told(Code.CHANGED, taken, read, null);
        }
        if (said == null) {
            return told(Code.NO_CODE, taken, read, null);
        }
        // Before the error: another server's has nothing to say here either.
        if (!Issuers.isRight(taken.issuer(), taken.demandsIssuer(), said.issuer(), there, tokenUrl)) {
            return told(Code.WRONG_ISSUER, taken, read, null);
        }
        if (said.error() != null) {
            return said.error().equals(DENIED) ? told(Code.DENIED, taken, read, null)
                    : told(Code.PROVIDER_ERROR, taken, read, said.error());
        }
        return ConnectedAccount.contradicts(read.material().provider(), read.material().variables(), said.kept())
                ? told(Code.OTHER_ACCOUNT, taken, read, null)
                : null;
    }

    private static Code refused(RefreshOutcome outcome) {
        return switch (outcome.code()) {
            case GRANTED, GRANT_REFUSED, REJECTED, WITHOUT_PAIR -> Code.CODE_REFUSED;
            case CLIENT_REFUSED -> Code.CLIENT_REFUSED;
            case BUSY, UNREACHED, LOST -> Code.UNREACHABLE;
        };
    }

    private static ConnectResult told(Code code, Taken taken, Read read, @Nullable String detail) {
        return ConnectResult.of(code, read.stored().name(), detail, taken.returnTo());
    }
}
