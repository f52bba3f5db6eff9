package dev.latchkey.credential;

import java.net.URI;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicReference;

import dev.latchkey.credential.FakeProvider.Answer;
import dev.latchkey.credential.FakeProvider.Asked;
import dev.latchkey.testing.CredentialBuilder;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import org.jspecify.annotations.Nullable;

/**
 * An authorization server with an API behind it, strict where RFC 6749 and RFC 7636 are: a code is presented once, by the
 * client,
 * with the redirect and the verifier that it was asked for with. {@link #agree} is the person at its login page.
 */
public final class FakeAuthorization implements AutoCloseable {

    public static final String CLIENT = "shop-app";

    public final String clientSecret = CredentialBuilder.aSecret();
    /** Whose account the person at the login page has. */
    public volatile String account = "shop-1";
    /** What is granted; null: what is asked for, which is not told. */
    volatile @Nullable String granted;
    /** What the API answers to its own tokens. */
    public volatile int apiStatus = 200;
    /** What the token endpoint answers instead of tokens; null: nothing else. */
    public volatile @Nullable Answer instead;
    /** Whether it says who it is in the redirect and in what it publishes. */
    volatile boolean tellsIssuer;
    /** Whether it publishes nothing since it is failing. */
    volatile boolean hidesMetadata;
    /** Where it publishes what it is. */
    volatile String metadataAt = ".well-known/openid-configuration";
    /** Whom that names; null: itself. */
    volatile @Nullable String namedIssuer;
    /** How a client signs in there, as it publishes. */
    volatile String clientAuth = "client_secret_post";
    /** Whether to give back one token ends all that the person has granted. */
    volatile boolean endsAll;
    /** Whether access tokens outlive that, as those do that an API reads itself. */
    volatile boolean accessOutlives;
    /** Whether a code is worth an access token alone. */
    volatile boolean withoutRefreshToken;
    /** Whether it says whose tokens it gives. */
    volatile boolean tellsAccount = true;
    /** Whether tokens break off in the middle of the answer, after they were given. */
    volatile boolean breaksOff;
    /** What happens elsewhere while the token endpoint is asked the next time; null: nothing. */
    private final AtomicReference<@Nullable Runnable> meanwhile = new AtomicReference<>();

    private final FakeProvider provider = FakeProvider.start();
    private final Map<String, Map<String, String>> codes = new ConcurrentHashMap<>();
    private final Map<String, String> living = new ConcurrentHashMap<>();
    private final Set<String> accessTokens = ConcurrentHashMap.newKeySet();
    private final List<String> refreshTokens = new CopyOnWriteArrayList<>();
    private final Set<String> revoked = ConcurrentHashMap.newKeySet();
    private final List<Asked> asked = new ArrayList<>();

    public FakeAuthorization() {
        provider.answers(this::answer);
    }

    public String url() {
        return provider.url();
    }

    /** The data of a credential of this server. */
    public Map<String, Object> data() {
        return new HashMap<>(Map.of("grant", "authorization_code", "clientId", CLIENT, "clientSecret", clientSecret,
                "tokenUrl", url() + "/token", "authorizeUrl", url() + "/authorize?tenant=7", "scopes",
                List.of("stock.read", "orders.read")));
    }

    /** The parameters of an address. */
    static Map<String, String> query(String url) {
        Map<String, String> query = new LinkedHashMap<>();
        for (String pair : URI.create(url).getRawQuery().split("&")) {
            String[] parts = pair.split("=", 2);
            query.put(decoded(parts[0]), decoded(parts[1]));
        }
        return query;
    }

    /** The person agrees: what the browser is sent back with. */
    Map<String, String> agree(String authorizationUrl) {
        Map<String, String> request = new HashMap<>(query(authorizationUrl));
        request.put("account", account);
        String code = "code-" + CredentialBuilder.aSecret();
        codes.put(code, request);
        Map<String, String> back = new LinkedHashMap<>(Map.of("code", code, "state", request.get("state")));
        if (tellsIssuer) {
            back.put("iss", url());
        }
        return back;
    }

    /** The person withdraws what he has granted. */
    public void withdraw() {
        living.clear();
    }

    /** What was asked of that path since the start. */
    public synchronized List<Asked> asked(String path) {
        return asked.stream().filter(each -> each.target().split("\\?", 2)[0].equals(path)).toList();
    }

    Set<String> revoked() {
        return revoked;
    }

    /** All refresh tokens that it has given, in their order. */
    List<String> refreshTokens() {
        return List.copyOf(refreshTokens);
    }

    /** Has that happen while the token endpoint is asked the next time. */
    void meanwhile(Runnable elsewhere) {
        meanwhile.set(elsewhere);
    }

    private Answer answer(Asked request) {
        if (request.target().equals("token")) {
            Runnable elsewhere = meanwhile.getAndSet(null);
            if (elsewhere != null) {
                elsewhere.run();
            }
        }
        return decided(request);
    }

    private synchronized Answer decided(Asked request) {
        asked.add(request);
        String path = request.target().split("\\?", 2)[0];
        if (path.startsWith(".well-known/")) {
            return hidesMetadata ? new Answer(503, "")
                    : tellsIssuer && path.equals(metadataAt) ? new Answer(200, metadata()) : new Answer(404, "");
        }
        return switch (path) {
            case "authorize" -> FakeLogin.page(url() + "/" + request.target(), this);
            case "token" -> instead == null ? halved(token(request)) : instead;
            case "revoke" -> revoke(request);
            case "me" -> new Answer(
                    living.containsKey(request.header("Authorization").replace("Bearer ", "")) ? apiStatus : 401, "{}");
            default -> new Answer(404, "");
        };
    }

    private Answer halved(Answer whole) {
        return breaksOff && whole.status() == 200
                ? new Answer(whole.status(), whole.body().substring(0, whole.body().length() / 2))
                : whole;
    }

    private String metadata() {
        return new JsonObject().put("issuer", namedIssuer == null ? url() : namedIssuer)
                .put("authorization_endpoint", url() + "/authorize")
                .put("token_endpoint", url() + "/token").put("revocation_endpoint", url() + "/revoke")
                .put("token_endpoint_auth_methods_supported", new JsonArray().add(clientAuth))
                .put("authorization_response_iss_parameter_supported", true).encode();
    }

    private Answer token(Asked request) {
        Map<String, String> form = form(request.body());
        String basic = "Basic " + Base64.getEncoder()
                .encodeToString((CLIENT + ":" + clientSecret).getBytes(StandardCharsets.UTF_8));
        boolean isClient = request.header("Authorization").equals(basic)
                || CLIENT.equals(form.get("client_id")) && clientSecret.equals(form.get("client_secret"));
        if (!isClient) {
            return error(401, "invalid_client");
        }
        return switch (String.valueOf(form.get("grant_type"))) {
            case "authorization_code" -> ofCode(form);
            case "client_credentials" -> tokens("client", null, false);
            case "refresh_token" -> {
                String owner = living.remove(String.valueOf(form.get("refresh_token")));
                yield owner == null ? error(400, "invalid_grant") : tokens(owner, null, true);
            }
            default -> error(400, "unsupported_grant_type");
        };
    }

    private Answer ofCode(Map<String, String> form) {
        Map<String, String> asked = codes.remove(String.valueOf(form.get("code")));
        if (asked == null || !Objects.equals(asked.get("redirect_uri"), form.get("redirect_uri"))) {
            return error(400, "invalid_grant");
        }
        String challenge = asked.get("code_challenge");
        if (challenge != null && !challenge.equals(s256(String.valueOf(form.get("code_verifier"))))) {
            return error(400, "invalid_grant");
        }
        return tokens(String.valueOf(asked.get("account")), granted, !withoutRefreshToken);
    }

    private Answer tokens(String owner, @Nullable String scope, boolean isRefreshed) {
        String access = CredentialBuilder.aSecret();
        living.put(access, owner);
        accessTokens.add(access);
        JsonObject answer = new JsonObject().put("access_token", access).put("token_type", "Bearer").put("expires_in", 3600);
        if (isRefreshed) {
            String refresh = CredentialBuilder.aSecret();
            living.put(refresh, owner);
            refreshTokens.add(refresh);
            answer.put("refresh_token", refresh);
        }
        if (tellsAccount) {
            answer.put("id_token", idToken(owner));
        }
        return new Answer(200, (scope == null ? answer : answer.put("scope", scope)).encode());
    }

    /** A token that is known already, as if it had been pasted. */
    String pasted(String owner) {
        String refresh = CredentialBuilder.aSecret();
        living.put(refresh, owner);
        return refresh;
    }

    private Answer revoke(Asked request) {
        String token = String.valueOf(form(request.body()).get("token"));
        revoked.add(token);
        if (endsAll) {
            living.keySet().removeIf(each -> !accessOutlives || !accessTokens.contains(each));
        } else {
            living.remove(token);
        }
        return new Answer(200, "");
    }

    private String idToken(String owner) {
        String claims = new JsonObject().put("iss", url()).put("sub", owner).encode();
        return "eyJhbGciOiJub25lIn0." + base64(claims.getBytes(StandardCharsets.UTF_8)) + ".c2ln";
    }

    private static Answer error(int status, String error) {
        return new Answer(status, new JsonObject().put("error", error).encode());
    }

    private static Map<String, String> form(String body) {
        Map<String, String> form = new HashMap<>();
        for (String pair : body.split("&")) {
            String[] parts = pair.split("=", 2);
            form.put(decoded(parts[0]), parts.length < 2 ? "" : decoded(parts[1]));
        }
        return form;
    }

    private static String decoded(String text) {
        return URLDecoder.decode(text, StandardCharsets.UTF_8);
    }

    private static String s256(String verifier) {
        try {
            return base64(MessageDigest.getInstance("SHA-256").digest(verifier.getBytes(StandardCharsets.US_ASCII)));
        } catch (NoSuchAlgorithmException impossible) {
            throw new IllegalStateException(impossible);
        }
    }

    private static String base64(byte[] bytes) {
        return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
    }

    @Override
    public void close() {
        provider.close();
    }
}
