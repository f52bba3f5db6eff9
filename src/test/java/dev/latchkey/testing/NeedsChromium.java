package dev.latchkey.testing;

import java.lang.annotation.ElementType;
import java.lang.annotation.Inherited;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import java.util.Arrays;

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
            if (Chromium.executable().isPresent()) {
                return ConditionEvaluationResult.enabled("chromium is installed");
            }
            boolean required = Arrays.asList(System.getProperty("latchkey.require", "").split("[, ]+")).contains(TAG);
            return required ? ConditionEvaluationResult.enabled("-Dlatchkey.require=" + TAG + ": it fails without chromium")
                    : ConditionEvaluationResult.disabled("chromium is not installed (Debian: apt-get install chromium)");
        }
    }
}
