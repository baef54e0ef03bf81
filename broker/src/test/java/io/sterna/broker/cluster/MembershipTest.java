package io.sterna.broker.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import io.sterna.cluster.Member;
import java.util.List;
import org.junit.jupiter.api.Test;

class MembershipTest {
    private final Membership membership = new Membership(new Member("a", false, false));

    @Test
    void shouldKeepANodeThatIsAwayForAWhile() {
        membership.onUp("b", false);
        membership.onDraining("b", false);

        membership.onDown("b", 100);

        assertThat(membership.isPresent("b")).isFalse();
        assertThat(membership.members(100 + Membership.PATIENCE_MILLIS))
                .containsExactly(new Member("a", false, false), new Member("b", false, false));
        assertThat(membership.members(101 + Membership.PATIENCE_MILLIS)).containsExactly(new Member("a", false, false));
    }

    @Test
    void shouldGiveNothingToANodeThatHasNotSaidWhetherItIsDrained() {
        membership.onUp("b", false);

        assertThat(membership.members(0)).contains(new Member("b", false, true));

        membership.onDraining("b", false);
        assertThat(membership.members(0)).contains(new Member("b", false, false));
    }

    @Test
    void shouldKnowADrainedNodeForOneWhenItIsAwayAndWhenItIsBack() {
        membership.onUp("b", false);
        membership.onDraining("b", true);

        membership.onDown("b", 0);
        assertThat(membership.members(1)).contains(new Member("b", false, true));

        membership.onUp("b", false);
        membership.onPlaced(List.of("b"), 2);
        assertThat(membership.members(2)).contains(new Member("b", false, true));
    }

    @Test
    void shouldCountNodesThatTheTableHasPlacesForWhenTheyWereNotHeardOf() {
        membership.onUp("c", false);

        membership.onPlaced(List.of("a", "b", "c"), 5);

        assertThat(membership.members(5))
                .containsExactly(
                        new Member("a", false, false), new Member("c", false, false), new Member("b", false, false));
        assertThat(membership.isPresent("b")).isFalse();

        membership.onPlaced(List.of("b"), 5 + Membership.PATIENCE_MILLIS);
        assertThat(membership.members(6 + Membership.PATIENCE_MILLIS))
                .containsExactly(new Member("a", false, false), new Member("c", false, false));
    }

    @Test
    void shouldNotCountAWitnessAmongThoseWhoMayHaveCopies() {
        membership.onUp("b", true);
        membership.onDraining("b", false);

        assertThat(membership.presentHolders()).containsExactly("a");
        assertThat(membership.isWitness("b")).isTrue();
    }
}
