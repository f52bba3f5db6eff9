package dev.latchkey.testing;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import java.util.stream.Stream;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.extension.ConditionEvaluationResult;
import org.junit.jupiter.api.extension.ExecutionCondition;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * A test that runs scripts, with bash, curl and Python 3. Where one is missing on this machine it is skipped, unless
 * {@code -Dlatchkey.require=python} says that it must run: then it fails.
 */
@Target(ElementType.TYPE)
@Retention(RetentionPolicy.RUNTIME)
@Tag(NeedsPython.TAG)
@ExtendWith(NeedsPython.Condition.class)
public @interface NeedsPython {

    String TAG = "python";

    /** Asked by JUnit. */
    final class Condition implements ExecutionCondition {

        @Override
        public ConditionEvaluationResult evaluateExecutionCondition(ExtensionContext context) {
            return Tool.judge(Stream.of("bash", "curl", "python3").allMatch(Tool::isInstalled), TAG, "bash, curl or python3",
                    "curl python3");
        }
    }
}
