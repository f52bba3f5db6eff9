package dev.latchkey.proxy;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.UUID;

import org.junit.jupiter.api.Test;

class SharesTest {

    @Test
    void noOrganizationTakesWhatIsLeftForOthers() {
        var shares = new Shares(2);
        var one = UUID.randomUUID();
        var other = UUID.randomUUID();

        assertThat(shares.take(one)).isTrue();
        assertThat(shares.take(one)).isTrue();
        assertThat(shares.take(one)).isFalse();
        assertThat(shares.take(one)).isFalse();
        assertThat(shares.take(other)).isTrue();
        shares.give(one);
        assertThat(shares.take(one)).isTrue();
    }

    @Test
    void whoHasNothingUnderWayTakesNoMemory() {
        var shares = new Shares(1);
        var one = UUID.randomUUID();
        shares.take(one);
        shares.take(one);
        shares.give(one);

        assertThat(shares.isEmpty()).isTrue();
    }
}
