package dev.latchkey.key;

import java.util.List;

import dev.latchkey.testing.Api;
import dev.latchkey.testing.Foreign;
import dev.latchkey.testing.TestDatabase;
import io.quarkus.test.common.QuarkusTestResource;
import io.vertx.core.json.JsonObject;

/** What tests of imports extend: an organization of its own, and a prefix of tokens that no other test declares. */
@QuarkusTestResource(TestDatabase.class)
abstract class ImportCase {

    final Api api = Api.ofNewOrganization();
    final String prefix = Foreign.aPrefix();

    Foreign aKey() {
        return Foreign.key(prefix);
    }

    List<JsonObject> imported(Foreign... keys) {
        return Foreign.imported(api, Foreign.file(List.of(keys)));
    }

    static List<String> statuses(List<JsonObject> answer) {
        return answer.stream().map(line -> line.getString("status")).toList();
    }
}
