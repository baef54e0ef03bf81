package io.sterna.bench.load;

import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Reads what the kernel and the JVM's tools print about a process. */
final class ProcFiles {

    /** The unit of times in {@code /proc}: USER_HZ is 100 on every architecture that runs a server JVM. */
    static final long MICROS_PER_TICK = 10_000;

    private static final Pattern RSS = Pattern.compile("(?m)^VmRSS:\\s+(\\d+) kB$");
    private static final Pattern THREADS = Pattern.compile("(?m)^Threads:\\s+(\\d+)$");
    private static final Pattern HISTOGRAM_TOTAL = Pattern.compile("(?m)^Total\\s+\\d+\\s+(\\d+)\\s*$");
    private static final int UTIME_AFTER_NAME = 11;

    private ProcFiles() {}

    /**
     * utime + stime out of {@code /proc/PID/stat}.
     *
     * <p>The fields before: pid, then the command's name in parentheses, which may itself hold blanks and parentheses.
     * So counting starts after the last closing one: state is field 3, utime 14, stime 15 (proc(5)).
     */
    static OptionalLong cpuMicros(String stat) {
        int nameEnd = stat.lastIndexOf(')');
        if (nameEnd < 0) {
            return OptionalLong.empty();
        }
        String[] fields = stat.substring(nameEnd + 1).trim().split(" +", -1);
        if (fields.length <= UTIME_AFTER_NAME + 1) {
            return OptionalLong.empty();
        }
        try {
            long ticks = Long.parseLong(fields[UTIME_AFTER_NAME]) + Long.parseLong(fields[UTIME_AFTER_NAME + 1]);
            return OptionalLong.of(ticks * MICROS_PER_TICK);
        } catch (NumberFormatException e) {
            return OptionalLong.empty();
        }
    }

    /** VmRSS in KiB out of {@code /proc/PID/status}; a zombie has none. */
    static OptionalLong rssKib(String status) {
        return firstGroup(RSS, status);
    }

    /** How many threads a process has, out of {@code /proc/PID/status}. */
    static OptionalLong threads(String status) {
        return firstGroup(THREADS, status);
    }

    /** The bytes in the last line of {@code jcmd PID GC.class_histogram}. */
    static OptionalLong histogramBytes(String histogram) {
        return firstGroup(HISTOGRAM_TOTAL, histogram);
    }

    private static OptionalLong firstGroup(Pattern pattern, String text) {
        Matcher matcher = pattern.matcher(text);
        return matcher.find() ? OptionalLong.of(Long.parseLong(matcher.group(1))) : OptionalLong.empty();
    }
}
