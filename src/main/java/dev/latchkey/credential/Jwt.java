package dev.latchkey.credential;

import java.io.IOException;
import java.util.Base64;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.MissingNode;

/** What a token says of itself that is a JWT (RFC 7519). Whether it is genuine matters to others: it came from its server. */
final class Jwt {

    private static final int PARTS = 3;
    private static final ObjectMapper JSON = new ObjectMapper();

    private Jwt() {
    }

    /** The claims; missing of what is none. */
    static JsonNode claims(String token) {
        String[] parts = token.split("\\.", -1);
        if (parts.length != PARTS || !token.startsWith("eyJ")) {
            return MissingNode.getInstance();
        }
        try {
            JsonNode claims = JSON.readTree(Base64.getUrlDecoder().decode(parts[1]));
            return claims == null ? MissingNode.getInstance() : claims;
        } catch (IOException | IllegalArgumentException none) {
            return MissingNode.getInstance();
        }
    }
}
