package dev.latchkey.replica;

import java.util.Random;

import dev.latchkey.testing.Pause;

/** What happens to replicas, one after the other, drawn from a seed. */
final class Faults {

    private final Fleet fleet;
    private final Random random;

    Faults(Fleet fleet, long seed) {
        this.fleet = fleet;
        this.random = new Random(seed);
    }

    void strike(int times) {
        for (int i = 0; i < times; i++) {
            int replica = random.nextInt(fleet.size());
            switch (random.nextInt(8)) {
                case 0 -> {
                    fleet.relay(replica).cut();
                    Pause.ofMillis(200 + random.nextInt(3_000));
                    fleet.relay(replica).restore();
                }
                case 1 -> {
                    fleet.relay(replica).freeze();
                    Pause.ofMillis(500 + random.nextInt(11_500));
                    fleet.relay(replica).thaw();
                }
                case 2 -> {
                    fleet.relay(replica).delay(50 + random.nextInt(500));
                    Pause.ofMillis(500 + random.nextInt(3_000));
                    fleet.relay(replica).delay(0);
                }
                case 3 -> {
                    fleet.signal(replica, "STOP");
                    Pause.ofMillis(200 + random.nextInt(11_800));
                    fleet.signal(replica, "CONT");
                }
                case 4 -> fleet.killAndReplace(replica);
                case 5 -> {
                    fleet.relay(replica).freeze(random.nextDouble());
                    Pause.ofMillis(500 + random.nextInt(11_500));
                    fleet.relay(replica).thaw();
                }
                case 6 -> {
                    for (int cuts = random.nextInt(6); cuts >= 0; cuts--) {
                        fleet.cutSome(replica, random.nextDouble());
                        Pause.ofMillis(random.nextInt(300));
                    }
                }
                default -> {
                    int other = (replica + 1) % fleet.size();
                    fleet.relay(replica).cut();
                    fleet.relay(other).delay(200);
                    Pause.ofMillis(500 + random.nextInt(2_500));
                    fleet.relay(other).delay(0);
                    fleet.relay(replica).restore();
                }
            }
            Pause.ofMillis(300 + random.nextInt(1_500));
        }
    }
}
