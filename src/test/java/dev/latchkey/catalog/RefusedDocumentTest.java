package dev.latchkey.catalog;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.nio.charset.StandardCharsets;
import java.util.List;

import dev.latchkey.web.Problem.FieldError;
import dev.latchkey.web.ProblemCode;
import dev.latchkey.web.ProblemException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Of a document that is refused it is told where it is bad, of each place. */
class RefusedDocumentTest {

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '~', value = {
            "paths: []                                                | /paths           | must be an object",
            "paths: {}                                                | /paths           | no operation",
            "paths: {/x: {parameters: []}}                            | /paths           | no operation",
            "paths: {x: {get: {}}}                                    | /paths/x         | slash",
            "paths: {/x: [get]}                                       | /paths/~1x       | must be an object, not a list",
            "paths: {/x: {GET: {}}}                                   | /paths/~1x/GET   | no method",
            "paths: {/x: {get: }}                                     | /paths/~1x/get   | must be an object, not null",
            "paths: {/x: {get: {tags: a}}}                            | /paths/~1x/get/tags | must be a list",
            "paths: {/x: {get: {security: }}}                         | /paths/~1x/get/security | must be a list, not null",
            "paths: {/x: {get: {security: [{nope: []}]}}}             | /paths/~1x/get/security/0/nope | no scheme",
            "paths: {/x: {get: {security: [{oauth: a}]}}}             | /paths/~1x/get/security/0/oauth | must be a list",
            "paths: {/x: {get: {security: [{oauth: ['a b']}]}}}       | /paths/~1x/get/security/0/oauth/0 | no scope that a key can hold",
            "paths: {/x: {get: {}}, /x/: {get: {}}, '/{a}': {put: {}}, '/{b}': {put: {}}} | /paths/~1{b}/put | only the names",
            "paths: {/x: {$ref: '#/paths/~1y'}}                       | /paths/~1x       | refers to no path",
            "paths: {/x: {$ref: '#/paths/~1x'}}                       | /paths/~1x       | refers to no path",
            "paths: {/x: {$ref: 'other.yaml#/x'}}                     | /paths/~1x       | refers to no path",
            "paths: {/x/../y: {get: {}}}                              | /paths/~1x~1..~1y/get | that cannot be matched",
            "paths: {'/x?a=b': {get: {}}}                             | /paths/~1x?a=b/get | that cannot be matched",
            "paths: {'/x/{a': {get: {}}}                              | /paths/~1x~1{a/get | that cannot be matched",
            "servers: [{url: '/{v}'}]\\npaths: {/x: {get: {}}}        | /servers/0/url   | without a default",
            "servers: [{}]\\npaths: {/x: {get: {}}}                   | /servers/0       | must have a url",
            "servers: [{url: '/v1?a'}]\\npaths: {/x: {get: {}}}       | /servers/0/url   | matched",
            "tags: {a: b}\\npaths: {/x: {get: {}}}                    | /tags            | must be a list",
            "paths: {/x: {get: {}, get: {}}}                          | /paths/~1x/get   | twice",
            "paths: &p {/x: *p}                                       | /paths/~1x       | written out",
            "paths: {/x: {get: {<<: {security: []}}}}                 | /paths/~1x/get   | written out",
    })
    void aBadDocumentIsToldWhereItIsBad(String rest, String field, String message) {
        assertThat(Documents.errorsOf(Documents.HEAD + rest.replace("\\n", "\n"))).anySatisfy(error -> {
            assertThat(error.field()).isEqualTo(field);
            assertThat(error.message()).contains(message);
        });
    }

    @Test
    void severalMistakesAreToldAtOnceWithTheirLines() {
        List<FieldError> errors = Documents.errorsOf(Documents.HEAD + """
                paths:
                  /x:
                    get: {security: [{nope: []}]}
                    fetch: {}
                  y: {get: {}}
                """);

        assertThat(errors).extracting(FieldError::field).containsExactly("/paths/~1x/get/security/0/nope",
                "/paths/~1x/fetch", "/paths/y");
        assertThat(errors).extracting(FieldError::message)
                .allMatch(message -> message.matches(".*\\(line 1[4-7], column \\d+\\)"));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '~', value = {
            "{}                                       | /openapi",
            "{\"openapi\": \"2.0\"}                   | /openapi",
            "{\"openapi\": \"3.2.0\"}                 | /openapi",
            "{\"openapi\": []}                        | /openapi",
            "{\"swagger\": \"2.0\"}                   | /swagger",
            "[]                                       | document",
            "null                                     | document",
            "\"openapi\"                              | document",
    })
    void onlyOpenApi30And31AreTaken(String json, String field) {
        for (boolean isJson : new boolean[] { true, false }) {
            ProblemException refusal = catchThrowableOfType(ProblemException.class,
                    () -> ApiDocument.read(json.getBytes(StandardCharsets.UTF_8), isJson));
            assertThat(refusal.code()).isEqualTo(ProblemCode.INVALID);
            assertThat(refusal.errors()).extracting(FieldError::field).contains(field);
        }
    }

    @Test
    void aDocumentBeyondTheBoundsIsRefused() {
        StringBuilder paths = new StringBuilder(Documents.HEAD).append("paths:\n");
        for (int i = 0; i <= ApiDocument.MAX_OPERATIONS; i++) {
            paths.append("  /p").append(i).append(": {get: {}}\n");
        }

        assertThat(Documents.errorsOf(paths.toString())).extracting(FieldError::message)
                .containsExactly("name more than 10000 operations");
        assertThatThrownBy(() -> ApiDocument.read(("{\"openapi\": \"3.1.0\", \"tags\": [" + "{},".repeat(300_000) + "{}]}")
                .getBytes(StandardCharsets.UTF_8), true)).isInstanceOf(ProblemException.class).hasMessageContaining("fewer");
    }
}
