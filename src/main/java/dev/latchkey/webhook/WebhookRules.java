package dev.latchkey.webhook;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Objects;

import jakarta.inject.Singleton;

import dev.latchkey.event.EventTypes;
import dev.latchkey.net.Destination;
import dev.latchkey.net.Outbound;
import dev.latchkey.web.Problem.FieldError;
import dev.latchkey.web.ProblemException;
import io.smallrye.mutiny.Uni;

/** What may be a webhook's URL, and which events it may ask for. */
@Singleton
class WebhookRules {

    private static final String URL = "url";
    private static final int LONGEST = 2048;

    private final Outbound outbound;
    private final EventTypes types;

    WebhookRules(Outbound outbound, EventTypes types) {
        this.outbound = outbound;
        this.types = types;
    }

    /**
     * Reads a URL. Nothing is looked up.
     *
     * @throws ProblemException 422 for what is none, or would be too long in its one spelling
     */
    static Destination destination(String url) {
        Destination.Parsed parsed = Destination.parse(url);
        if (parsed instanceof Destination.Invalid invalid) {
            throw ProblemException.invalid(URL, invalid.message());
        }
        Destination there = Objects.requireNonNull(parsed.orNull(), URL);
        if (there.url().length() > LONGEST) {
            throw ProblemException.invalid(URL, "longer than " + LONGEST + " characters once it is written in ASCII");
        }
        return there;
    }

    /**
     * Asks whether a URL may be called, which looks up its name: outside of transactions.
     *
     * @throws ProblemException 422 for one that may not
     */
    Uni<Destination> callable(String url) {
        Destination there = destination(url);
        return outbound.refusal(there).map(refusal -> {
            if (refusal.isPresent()) {
                throw ProblemException.invalid(URL, refusal.get().message());
            }
            return there;
        });
    }

    /**
     * The events asked for, each once, in the order said.
     *
     * @param held that the webhook has by now: they stay, though the catalogue may have lost them
     * @throws ProblemException 422, naming each that there is not, with those that come near
     */
    List<String> events(List<String> wanted, Collection<String> held) {
        List<FieldError> unknown = new ArrayList<>();
        for (int i = 0; i < wanted.size(); i++) {
            String name = wanted.get(i);
            if (types.find(name).isEmpty() && !held.contains(name)) {
                unknown.add(new FieldError("events[" + i + "]",
                        "is not an event type, see GET /api/v1/event-types" + types.didYouMean(name)));
            }
        }
        if (!unknown.isEmpty()) {
            throw ProblemException.invalid(unknown);
        }
        return wanted.stream().distinct().toList();
    }
}
