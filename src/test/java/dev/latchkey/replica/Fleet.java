package dev.latchkey.replica;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicReferenceArray;

import dev.latchkey.testing.Databases;
import dev.latchkey.testing.LatchkeyProcess;
import dev.latchkey.testing.Relay;
import org.jspecify.annotations.Nullable;

/** Several replicas on one database, each with a relay of its own between. */
final class Fleet implements AutoCloseable {

    private final Databases.Database database;
    private final List<Relay> relays = new ArrayList<>();
    private final AtomicReferenceArray<LatchkeyProcess> replicas;
    private final ReplicaConfig.@Nullable Sabotage sabotage;

    private Fleet(Databases.Database database, int size, ReplicaConfig.@Nullable Sabotage sabotage) {
        this.database = database;
        this.sabotage = sabotage;
        this.replicas = new AtomicReferenceArray<>(size);
    }

    static Fleet start(int size, ReplicaConfig.@Nullable Sabotage sabotage) {
        Fleet fleet = new Fleet(Databases.create(), size, sabotage);
        for (int i = 0; i < size; i++) {
            fleet.relays.add(Relay.to(port(fleet.database.reactiveUrl())));
            fleet.replicas.set(i, fleet.launch(i).start());
        }
        for (int i = 0; i < size; i++) {
            fleet.replicas.get(i).awaitReady();
        }
        return fleet;
    }

    private LatchkeyProcess.Launch launch(int index) {
        String url = database.reactiveUrl().replace(":" + port(database.reactiveUrl()) + "/",
                ":" + relays.get(index).port() + "/");
        LatchkeyProcess.Launch launch = LatchkeyProcess
                .on(new Databases.Database(url, database.username(), database.password()));
        return sabotage == null ? launch : launch.with("LATCHKEY_REPLICA_SABOTAGE", sabotage.name());
    }

    private static int port(String url) {
        return Integer.parseInt(url.replaceAll(".*:(\\d+)/.*", "$1"));
    }

    int size() {
        return replicas.length();
    }

    LatchkeyProcess replica(int index) {
        return replicas.get(index);
    }

    Relay relay(int index) {
        return relays.get(index);
    }

    List<Relay> relays() {
        return relays;
    }

    /** Ends about that share of the replica's connections to the database. */
    void cutSome(int index, double share) {
        try {
            relays.get(index).cut(share);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** SIGKILL, and a new one in its place. */
    void killAndReplace(int index) {
        replicas.get(index).kill9();
        replicas.set(index, launch(index).ready());
    }

    /** SIGSTOP or SIGCONT. */
    void signal(int index, String signal) {
        try {
            new ProcessBuilder("kill", "-" + signal, Long.toString(replicas.get(index).pid())).start().waitFor();
        } catch (IOException | InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    public void close() {
        relays.forEach(Relay::thaw);
        for (int i = 0; i < replicas.length(); i++) {
            replicas.get(i).close();
        }
        relays.forEach(Relay::close);
    }
}
