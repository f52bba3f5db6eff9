package dev.latchkey.event;

import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

import io.restassured.response.Response;
import io.restassured.response.ValidatableResponse;
import io.restassured.specification.RequestSpecification;

/** What tests of publishing extend: what the platform of an organization sends. */
abstract class PublishCase extends EventCase {

    static final String EVENTS = "/api/v1/events";

    static String event(String id) {
        return "{\"type\": \"order.create\", \"id\": \"" + id + "\", \"data\": {}}";
    }

    static List<String> events(int count) {
        return IntStream.range(0, count).mapToObj(i -> event("i" + i)).toList();
    }

    static String batch(String... events) {
        return batch(List.of(events));
    }

    static String batch(List<String> events) {
        return events.stream().collect(Collectors.joining(", ", "{\"events\": [", "]}"));
    }

    RequestSpecification platform() {
        return api.asPlatform();
    }

    Response publish(String body) {
        return platform().body(body).post(EVENTS);
    }

    ValidatableResponse accepted(String body) {
        return publish(body).then().statusCode(202);
    }

    long count() {
        return behind.count("select count(*) from event where organization_id = ? and type not like 'key.%'", organization);
    }
}
