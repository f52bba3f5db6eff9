package dev.latchkey.credential;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;

import dev.latchkey.credential.CredentialData.Grant;
import dev.latchkey.credential.CredentialData.OAuth2;
import dev.latchkey.credential.ProviderOAuth.BodyFormat;
import dev.latchkey.credential.ProviderOAuth.Renewal;
import dev.latchkey.net.Destination;
import dev.latchkey.net.OutboundLimits;
import dev.latchkey.net.OutboundRequest;
import dev.latchkey.web.ProblemException;
import org.jspecify.annotations.Nullable;

/** What asks for the next access token: which token is presented, where, and in the provider's own words. */
final class TokenRequests {

    private static final String ACCESS_TOKEN = "access_token";
    private static final String REFRESH_TOKEN = "refresh_token";

    private TokenRequests() {
    }

    /** By what a credential is renewed. */
    enum Kind {
        /** RFC 6749 section 6. */
        REFRESH_TOKEN,
        /** The access token is good for its successor, as at Instagram. */
        ACCESS_TOKEN,
        /** The client's own credentials, which spend nothing. */
        CLIENT
    }

    /** Null where nothing renews it. */
    static @Nullable Kind kind(OAuth2 data, @Nullable Provider provider) {
        if (data.grant() == Grant.CLIENT_CREDENTIALS) {
            return Kind.CLIENT;
        }
        ProviderOAuth oauth = provider == null ? null : provider.oauth2();
        return switch (oauth == null ? Renewal.By.REFRESH_TOKEN : oauth.renewal().by()) {
            case REFRESH_TOKEN -> data.refreshToken() == null ? null : Kind.REFRESH_TOKEN;
            case ACCESS_TOKEN -> data.accessToken() == null ? null : Kind.ACCESS_TOKEN;
            case NOTHING -> null;
        };
    }

    /**
     * Whether what is presented is as good afterwards as before, so that a lost answer loses nothing. Of a service that nobody
     * has described the worse is assumed: that its refresh tokens are spent by being used.
     */
    static boolean survivesLoss(Kind kind, @Nullable Provider provider) {
        return switch (kind) {
            case CLIENT, ACCESS_TOKEN -> true;
            case REFRESH_TOKEN -> provider != null && provider.oauth2() != null
                    && provider.oauth2().renewal().rotation() == Renewal.Rotation.NONE;
        };
    }

    /**
     * Where it is asked for.
     *
     * @throws ProblemException 422 where that is nowhere, or nowhere of the provider's
     */
    static Destination endpoint(CredentialMaterial material, OAuth2 data, Kind kind) {
        Addresses addresses = Addresses.of(material.provider(), material.variables(), material.baseUrl());
        String refresh = kind == Kind.CLIENT ? null : addresses.refreshUrl();
        String url = refresh != null ? refresh : data.tokenUrl() != null ? data.tokenUrl() : addresses.tokenUrl();
        if (url == null) {
            throw ProblemException.invalid("data.tokenUrl", "is required");
        }
        return addresses.of("data.tokenUrl", url);
    }

    /**
     * Host and port of that, which has a circuit; behind the organization where it is of that one's own choosing, and empty
     * where nothing renews it.
     *
     * @throws ProblemException 422 as above
     */
    static String host(UUID organization, CredentialMaterial material, OAuth2 data, @Nullable Kind kind) {
        if (kind == null) {
            return "";
        }
        String host = endpoint(material, data, kind).authority();
        return material.provider() == null ? organization + "/" + host : host;
    }

    /**
     * The request itself. One that spends a token is never repeated by the way out, and takes a connection of its own: that
     * its answer is lost must not be because the connection was old.
     *
     * @throws ProblemException 422 where there is no address for it, 409 for what no request can carry
     */
    static OutboundRequest of(CredentialMaterial material, OAuth2 data, Kind kind, OutboundLimits limits) {
        TokenCall call = new TokenCall(material.provider(), material.variables(), data);
        if (kind == Kind.CLIENT) {
            Addresses addresses = Addresses.of(material.provider(), material.variables(), material.baseUrl());
            OutboundRequest request = call.clientCredentials(addresses, limits);
            if (request == null) {
                throw ProblemException.invalid("data.tokenUrl", "is required");
            }
            return request;
        }
        ProviderOAuth oauth = call.oauth();
        Map<String, String> parameters = new LinkedHashMap<>();
        parameters.put(call.nameOf("grant_type"), REFRESH_TOKEN);
        if (kind == Kind.REFRESH_TOKEN) {
            parameters.put(call.nameOf(REFRESH_TOKEN), Objects.requireNonNull(data.refreshToken(), REFRESH_TOKEN).reveal());
        } else {
            parameters.put(call.nameOf(ACCESS_TOKEN), Objects.requireNonNull(data.accessToken(), ACCESS_TOKEN).reveal());
        }
        if (oauth != null) {
            oauth.refreshParameters().forEach((name, value) -> parameters.put(name, value.fill(call.values())));
        }
        BodyFormat format = oauth == null ? BodyFormat.FORM : oauth.renewal().body();
        // What is renewed by its access token in a query needs no client, whose secret would stand in somebody's log.
        boolean signsIn = kind == Kind.REFRESH_TOKEN || format != BodyFormat.QUERY;
        return call.request(endpoint(material, data, kind), parameters, format, limits, signsIn, false);
    }
}
