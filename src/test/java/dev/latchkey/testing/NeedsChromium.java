package dev.latchkey.testing;

import java.lang.annotation.ElementType;
import java.lang.annotation.Inherited;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.extension.ConditionEvaluationResult;
import org.junit.jupiter.api.extension.ExecutionCondition;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * A test with a real Chromium. Without one on this machine it is skipped, unless {@code -Dlatchkey.require=browser} says that
 * it must run: then it fails.
 */
@Inherited
@Target(ElementType.TYPE)
@Retention(RetentionPolicy.RUNTIME)
@Tag(NeedsChromium.TAG)
@ExtendWith(NeedsChromium.Condition.class)
public @interface NeedsChromium {

    String TAG = "browser";

    /** Asked by JUnit. */
    final class Condition implements ExecutionCondition {

        @Override
        public ConditionEvaluationResult evaluateExecutionCondition(ExtensionContext context) {
            return Tool.judge(Chromium.executable().isPresent(), TAG, "chromium", "chromium");
        }
    }
}
