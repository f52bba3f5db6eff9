package dev.latchkey.event;

import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.equalTo;

import java.math.BigDecimal;

import io.quarkus.test.junit.QuarkusTest;
import org.junit.jupiter.api.Test;

/** What an event says is the publisher's: any JSON that others could have written, and the same alone as in a batch. */
@QuarkusTest
class EventDataTest extends PublishCase {

    @Test
    @SuppressWarnings("BigDecimalLiteralDouble") // What it is about: others write such numbers out.
    void aBinaryFractionIsTakenAsItIsWrittenOut() {
        String data = "{\"price\": " + new BigDecimal(0.1) + ", \"least\": " + new BigDecimal(Double.MIN_NORMAL) + "}";

        String id = accepted(with(data)).extract().path("events[0].id");

        api.as("viewer").get(EVENTS + "/" + id).then().statusCode(200).body(containsString("\"data\":" + data));
    }

    @Test
    void dataMayBeSixtyFourLevelsDeepAloneAndInABatch() {
        for (String data : new String[] { "{\"a\":" + "[".repeat(63) + "]".repeat(63) + "}",
                "{\"a\":".repeat(64) + "1" + "}".repeat(64) }) {
            accepted(with(data));
            accepted(batch(with(data)));
        }
        String deeper = "{\"a\":".repeat(65) + "1" + "}".repeat(65);
        publish(with(deeper)).then().statusCode(422).body("errors[0].field", equalTo("data")).body("errors[0].message",
                equalTo("must not be deeper than 64 levels"));
        publish(batch(with(deeper))).then().statusCode(422).body("errors[0].field", equalTo("events[0].data"));
    }

    private static String with(String data) {
        return "{\"type\": \"order.create\", \"data\": " + data + "}";
    }
}
