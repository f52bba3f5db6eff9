package dev.latchkey.key;

/** How gateways ask, each in its own wire form, as their sources have it. */
final class GatewayForms {

    /**
     * Traefik, pkg/middlewares/auth/forward.go: a GET without body, the client's headers copied but for the hop-by-hop ones
     * ({@code writeHeader}), and X-Forwarded-* written over whatever the client sent. X-Forwarded-Port and -Server and
     * X-Real-Ip are those of its entry point; User-Agent and Accept stay the client's.
     */
    static final String TRAEFIK = """
            GET /api/v1/auth HTTP/1.1
            Host: latchkey:8080
            User-Agent: erp/1.0
            Accept: text/html, application/xhtml+xml
            Accept-Encoding: gzip
            Content-Type: application/xml
            Cookie: session=1
            X-Api-Key: %KEY%
            X-Forwarded-For: 203.0.113.7
            X-Forwarded-Host: api.example
            X-Forwarded-Method: %METHOD%
            X-Forwarded-Port: 443
            X-Forwarded-Proto: https
            X-Forwarded-Server: traefik-0
            X-Forwarded-Uri: %PATH%
            X-Real-Ip: 203.0.113.7
            """;

    /**
     * Caddy with deploy/gateway/Caddyfile, as seen of Caddy 2.6.2: a reverse_proxy whose method and URI are set; it writes
     * X-Forwarded-For, -Host and -Proto itself and keeps the client's Host.
     */
    static final String CADDY = """
            GET /api/v1/auth HTTP/1.1
            Host: api.example
            User-Agent: erp/1.0
            X-Api-Key: %KEY%
            X-Forwarded-For: 203.0.113.7
            X-Forwarded-Host: api.example
            X-Forwarded-Method: %METHOD%
            X-Forwarded-Proto: https
            X-Forwarded-Uri: %PATH%
            Accept-Encoding: gzip
            """;

    /** HAProxy with deploy/gateway/latchkey.lua, as seen of HAProxy 2.6.12: a GET of its HTTP client, in lower case. */
    static final String HAPROXY = """
            GET /api/v1/auth HTTP/1.1
            x-forwarded-method: %METHOD%
            x-forwarded-uri: %PATH%
            x-forwarded-for: 203.0.113.7
            x-api-key: %KEY%
            host: latchkey
            accept: */*
            user-agent: HAProxy
            """;

    /**
     * Envoy, source/extensions/filters/common/ext_authz/ext_authz_http_impl.cc: the request's own method, path_prefix and its
     * path, Content-Length 0, Host and Authorization always and other headers where allowed_headers names them. Its
     * asynchronous client adds x-envoy-internal, x-envoy-expected-rq-timeout-ms and its own address to x-forwarded-for.
     */
    static final String ENVOY = """
            %METHOD% /api/v1/auth/envoy%PATH% HTTP/1.1
            host: api.example
            content-length: 0
            x-api-key: %KEY%
            x-request-id: 4f3c1d5e-0b0a-4b7e-9a58-3f0c6f6a7f10
            x-envoy-internal: true
            x-forwarded-for: 203.0.113.7,10.0.0.4
            x-envoy-expected-rq-timeout-ms: 200
            """;

    /**
     * ingress-nginx, rootfs/etc/nginx/template/nginx.tmpl, location of $authPath: the client's headers with these over them.
     * With the annotation auth-method also X-Original-URI and X-Scheme.
     */
    static final String INGRESS_NGINX = """
            GET /api/v1/auth/nginx HTTP/1.1
            Host: latchkey.default.svc.cluster.local
            X-Request-ID: 1f9a51b2cf9f4d0f8a5f6d1d1f4b5a7e
            X-Original-URL: https://api.example%PATH%
            X-Original-Method: %METHOD%
            X-Sent-From: nginx-ingress-controller
            X-Real-IP: 203.0.113.7
            X-Forwarded-For: 203.0.113.7
            X-Auth-Request-Redirect: %PATH%
            Connection: close
            user-agent: erp/1.0
            accept: */*
            x-api-key: %KEY%
            """;

    private GatewayForms() {
    }

    /** The head of the request by which one asks. */
    static String asking(String form, String key, String method, String path) {
        return form.replace("%KEY%", key).replace("%METHOD%", method).replace("%PATH%", path);
    }
}
