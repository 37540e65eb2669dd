using System.Text;
using SensorGrid.Core.Detectors;
using SensorGrid.Core.Flags;
using SensorGrid.Core.Readings;
using SensorGrid.Core.Rules;

namespace SensorGrid.Core.Tests.Rules;

public class RuleSetTests
{
    [Fact]
    public void Without_rules_the_built_in_defaults_hold() =>
        Assert.Equal(
            [new FlatLineDetector(new()), new SilenceDetector(new()), new SpikeDetector(new()), new LevelShiftDetector(new())],
            Detectors("{}"));

    [Fact]
    public void The_default_detectors_take_at_most_200_bytes_a_sensor() =>
        Assert.InRange(RuleSet.Default.DetectorsFor("f", "m", "s", "s").StateSize, 1, 200);

    [Fact]
    public void A_fingerprint_is_of_what_rules_say_and_not_of_how_they_are_written()
    {
        static string Of(string json) => RuleSet.Parse(Encoding.UTF8.GetBytes(json)).Fingerprint;
        Assert.Equal(RuleSet.Default.Fingerprint, Of("{}"));
        var rules = Of("""{ "rules": [ { "path": "f/*/*", "limits": { "h": 5, "l": 1 }, "spike": { "threshold": 10 } } ] }""");
        Assert.Equal(rules, Of("""{"rules":[{"spike":{"threshold":10.0},"limits":{"l":1,"h":5},"path":"f/*/*",}]} // as above"""));
        string[] others =
        [
            rules, RuleSet.Default.Fingerprint,
            Of("""{ "defaults": {} }"""),
            Of("""{ "rules": [ { "path": "g/*/*", "limits": { "h": 5, "l": 1 }, "spike": { "threshold": 10 } } ] }"""),
            Of("""{ "rules": [ { "path": "f/*/*", "kind": "k", "limits": { "h": 5, "l": 1 }, "spike": { "threshold": 10 } } ] }"""),
            Of("""{ "rules": [ { "path": "f/*/*", "limits": { "h": 5, "l": 2 }, "spike": { "threshold": 10 } } ] }"""),
            Of("""{ "rules": [ { "path": "f/*/*", "limits": { "h": 5, "l": 1 }, "spike": false } ] }"""),
            Of("""{ "rules": [ { "path": "f/*/*", "limits": { "h": 5, "l": 1 } }, { "path": "f/*/*", "spike": { "threshold": 10 } } ] }"""),
        ];
        Assert.Equal(others.Length, others.Distinct().Count());
    }

    [Fact]
    public void A_file_with_everything_is_understood()
    {
        var detectors = Detectors("""
            {
              // Comments and trailing commas are allowed.
              "defaults": { "silence": { "after": "2min" } },
              "rules": [
                {
                  "path": "factory/mill-*/*", "kind": "temperature",
                  "limits": { "ll": -5, "l": 1, "h": 5, "hh": 6, "deadband": 0.2, "onDelay": "10s", "offDelay": "500ms", "severity": "info", "outerSeverity": "critical" },
                  "rate-of-change": { "up": 0.5, "down": 2, "span": "1min", "hysteresis": 0.1, "hold": "1.5min", "severity": "alarm" },
                  "flat-line": { "after": "1h", "readings": 5, "tolerance": 0.01, "always": true, "severity": "alarm" },
                  "spike": { "threshold": 10, "width": 2, "warmUp": 50, "hold": "0s", "memory": "1d", "severity": "alarm" },
                  "level-shift": { "threshold": 8, "slack": 1, "block": "10s", "readings": 4, "warmUp": 30, "accept": "1d", "severity": "alarm" },
                },
              ],
            }
            """, kind: "temperature");

        Assert.Equal(
            [
                new LimitDetector(new()
                {
                    LowLow = -5, Low = 1, High = 5, HighHigh = 6, Deadband = 0.2, OnDelay = 10 * EventTime.Second, OffDelay = EventTime.Second / 2,
                    Severity = Severity.Info, OuterSeverity = Severity.Critical,
                }),
                new RateOfChangeDetector(new()
                {
                    Up = 0.5, Down = 2, Span = EventTime.Minute, Hysteresis = 0.1, Hold = 90 * EventTime.Second, Severity = Severity.Alarm,
                }),
                new FlatLineDetector(new() { After = EventTime.Hour, Readings = 5, Tolerance = 0.01, Always = true, Severity = Severity.Alarm }),
                new SilenceDetector(new() { After = 2 * EventTime.Minute }),
                new SpikeDetector(new() { Threshold = 10, Width = 2, WarmUp = 50, Hold = 0, Memory = EventTime.Day, Severity = Severity.Alarm }),
                new LevelShiftDetector(new()
                {
                    Threshold = 8, Slack = 1, Block = 10 * EventTime.Second, Readings = 4, WarmUp = 30, Accept = EventTime.Day, Severity = Severity.Alarm,
                }),
            ],
            detectors);
    }

    [Theory]
    [InlineData("factory/mill-1/temp", "*", true)]
    [InlineData("*/*/*", "*", true)]
    [InlineData("fac*/*-1/t*p", "*", true)]
    [InlineData("*/*/*mill*", "*", false)]
    [InlineData("factory/mill-2/temp", "*", false)]
    [InlineData("Factory/mill-1/temp", "*", false)]
    [InlineData("*/*/*", "temperature", true)]
    [InlineData("*/*/*", "temp*", true)]
    [InlineData("*/*/*", "pressure", false)]
    public void A_rule_matches_by_path_and_kind(string path, string kind, bool matches)
    {
        var rules = RuleSet.Parse(Encoding.UTF8.GetBytes($$"""{"rules": [{"path": "{{path}}", "kind": "{{kind}}", "spike": false}]}"""));

        var set = rules.DetectorsFor("factory", "mill-1", "temp", "temperature");

        Assert.Equal(matches ? 3 : 4, set.Detectors.Length);
    }

    [Theory]
    [InlineData("""{"spike": {"threshold": 9}}, {"spike": {"width": 2}}""", 9.0, 2)]
    [InlineData("""{"spike": {"threshold": 9}}, {"spike": {"threshold": 10}}""", 10.0, 5)]
    [InlineData("""{"spike": {"threshold": 9}}, {"spike": false}, {"spike": true}""", 9.0, 5)]
    [InlineData("""{"spike": {"threshold": 9}}, {"spike": {"threshold": null}}""", 6.0, 5)]
    [InlineData("""{"spike": {"threshold": 9}}, {"path": "other/*/*", "spike": false}""", 9.0, 5)]
    public void Later_rules_refine_earlier_ones(string rules, double threshold, int width) =>
        Assert.Contains(new SpikeDetector(new() { Threshold = threshold, Width = width }), Detectors($$"""{"rules": [{{rules}}]}"""));

    [Fact]
    public void The_four_limits_are_replaced_together_and_the_rest_is_refined() =>
        Assert.Contains(
            new LimitDetector(new() { High = 3, Deadband = 0.5, OnDelay = EventTime.Second }),
            Detectors("""{"rules": [{"limits": {"l": 5, "h": 9, "deadband": 0.5}}, {"limits": {"h": 3, "onDelay": "1s"}}]}"""));

    [Fact]
    public void Limits_without_a_limit_watch_nothing() =>
        Assert.DoesNotContain(Detectors("""{"rules": [{"limits": {"deadband": 0.5}, "rate-of-change": true}]}"""), x => x is LimitDetector or RateOfChangeDetector);

    [Fact]
    public void A_defaults_section_replaces_the_built_in_ones()
    {
        Assert.Empty(Detectors("""{"defaults": {}}"""));
        Assert.Equal(
            [new SilenceDetector(new()), new SpikeDetector(new() { Threshold = 8 })],
            Detectors("""{"defaults": {"spike": {"threshold": 8}, "silence": true, "level-shift": false}}"""));
    }

    [Fact]
    public void Equal_outcomes_are_one_instance()
    {
        var rules = RuleSet.Parse("""
            {"rules": [
              {"path": "*/*/a*", "spike": {"threshold": 8}},
              {"path": "*/*/b*", "spike": {"threshold": 8.0}},
              {"path": "*/*/c*", "spike": {"threshold": 6}},
              {"path": "*/*/d*", "spike": {"threshold": 9}}
            ]}
            """u8);
        DetectorSet For(string sensor) => rules.DetectorsFor("f", "m", sensor, sensor);

        Assert.Same(For("a1"), For("a2"));
        Assert.Same(For("a1"), For("b1"));
        Assert.Same(For("c1"), For("x"));
        Assert.NotSame(For("a1"), For("d1"));
        Assert.NotSame(For("a1"), For("x"));
    }

    [Fact]
    public void Many_threads_get_the_same_sets()
    {
        var rules = RuleSet.Parse("""{"rules": [{"path": "*/*/*1", "spike": false}, {"path": "*/*/*2", "silence": false}]}"""u8);
        var sets = new DetectorSet[10_000];

        Parallel.For(0, sets.Length, i => sets[i] = rules.DetectorsFor("f", "m", $"s{i}", "s"));

        Assert.Equal(3, sets.Distinct().Count());
    }

    [Fact]
    public void A_byte_order_mark_is_passed_over() => Assert.Equal(4, Detectors("\uFEFF{}").Length);

    private static Detector[] Detectors(string json, string kind = "sensor") =>
        RuleSet.Parse(Encoding.UTF8.GetBytes(json)).DetectorsFor("factory", "mill-1", "sensor", kind).Detectors.ToArray();
}
