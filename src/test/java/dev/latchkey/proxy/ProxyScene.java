package dev.latchkey.proxy;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.util.List;
import java.util.Map;

import javax.sql.DataSource;

import dev.latchkey.crypto.DataKeys;
import dev.latchkey.testing.Api;
import dev.latchkey.testing.Credentials;
import dev.latchkey.testing.KeyBuilder.Created;
import io.restassured.RestAssured;
import io.restassured.specification.RequestSpecification;

/** An organization with a credential, a key, and what binds them. */
final class ProxyScene {

    static final String PASSWORD = "4fTzW7Qm2VbXc9LkR1s";
    /** As the header has it: erp and the password. */
    static final String BASIC = "Basic ZXJwOjRmVHpXN1FtMlZiWGM5TGtSMXM=";

    final Api api = Api.ofNewOrganization();
    final Credentials credentials;
    final Created key;
    final HttpClient http = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

    ProxyScene(DataSource database, DataKeys dataKeys) {
        credentials = new Credentials(api, database, dataKeys);
        key = api.aKey().scopes("credentials:use").unlimited().create();
    }

    /** A bound credential for that base URL. */
    String bound(String baseUrl) {
        String credential = credentials.basic(baseUrl, "erp", PASSWORD);
        bind(credential);
        return credential;
    }

    /** @return the integration's id */
    String bind(String credential) {
        return api.asOwner().body(Map.of("name", "Stock", "keyIds", List.of(key.id()), "credentialIds", List.of(credential)))
                .post("/api/v1/integrations").then().statusCode(201).extract().path("id");
    }

    static String path(String credential, String rest) {
        return "/api/v1/proxy/" + credential + rest;
    }

    /** By the bound key; nothing is encoded, and no redirect followed. */
    RequestSpecification request() {
        return RestAssured.given().header("X-API-Key", key.key()).urlEncodingEnabled(false).redirects().follow(false);
    }

    HttpRequest.Builder to(String credential, String rest) {
        return HttpRequest.newBuilder(URI.create("http://localhost:" + RestAssured.port + path(credential, rest)))
                .header("X-API-Key", key.key());
    }
}
