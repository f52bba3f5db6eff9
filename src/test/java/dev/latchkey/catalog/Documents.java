package dev.latchkey.catalog;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Objects;
import java.util.zip.GZIPInputStream;

import dev.latchkey.catalog.ApiDocument.Read;
import dev.latchkey.web.Problem.FieldError;
import dev.latchkey.web.ProblemException;

/** OpenAPI documents as tests have them, and what is read of them. */
final class Documents {

    /** Of what can be demanded; paths come behind it. */
    static final String HEAD = """
            openapi: 3.0.3
            info: {title: Shop, version: '1'}
            components:
              securitySchemes:
                key: {type: apiKey, in: header, name: X-API-Key}
                oauth:
                  type: oauth2
                  flows:
                    clientCredentials:
                      tokenUrl: https://id.shop.example/token
                      scopes: {'a': Read a, 'b': Read b, 'never': Not demanded}
                open: {type: openIdConnect, openIdConnectUrl: https://id.shop.example}
            """;

    private Documents() {
    }

    /** A public one. */
    static byte[] resource(String name) {
        var stream = Documents.class.getResourceAsStream("/openapi/" + name + ".gz");
        try (var plain = new GZIPInputStream(Objects.requireNonNull(stream, name))) {
            return plain.readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static Read yaml(String rest) {
        return ApiDocument.read((HEAD + rest).getBytes(StandardCharsets.UTF_8), false);
    }

    static List<FieldError> errorsOf(String document) {
        ProblemException refusal = catchThrowableOfType(ProblemException.class,
                () -> ApiDocument.read(document.getBytes(StandardCharsets.UTF_8), false));
        assertThat(refusal).as("the document is accepted").isNotNull();
        return refusal.errors();
    }
}
