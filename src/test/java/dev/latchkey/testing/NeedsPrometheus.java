package dev.latchkey.testing;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.extension.ConditionEvaluationResult;
import org.junit.jupiter.api.extension.ExecutionCondition;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * A test with a real {@link Prometheus}. Without it on this machine it is skipped, unless
 * {@code -Dlatchkey.require=prometheus} says that it must run: then it fails.
 */
@Target({ ElementType.TYPE, ElementType.METHOD })
@Retention(RetentionPolicy.RUNTIME)
@Tag(NeedsPrometheus.TAG)
@ExtendWith(NeedsPrometheus.Condition.class)
public @interface NeedsPrometheus {

    String TAG = "prometheus";

    /** Asked by JUnit. */
    final class Condition implements ExecutionCondition {

        @Override
        public ConditionEvaluationResult evaluateExecutionCondition(ExtensionContext context) {
            return Tool.judge(Programs.find(Prometheus.PROGRAM).isPresent(), TAG, Prometheus.PROGRAM, "prometheus");
        }
    }
}
