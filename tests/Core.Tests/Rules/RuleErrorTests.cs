using System.Text;
using FsCheck;
using FsCheck.Fluent;
using SensorGrid.Core.Rules;

namespace SensorGrid.Core.Tests.Rules;

public class RuleErrorTests
{
    [Theory]
    [InlineData("""{"rules": [{}, {}, {"limits": {"l": 5, "h": 5}}]}""", "rules[2].limits.h: must be greater than l")]
    [InlineData("""{"rules": [{"limits": {"hh": 1, "ll": 2}}]}""", "rules[0].limits.hh: must be greater than ll")]
    [InlineData("""{"rules": [{"limits": {"h": "5"}}]}""", "rules[0].limits.h: must be a number")]
    [InlineData("""{"rules": [{"limits": {"h": 1e999}}]}""", "rules[0].limits.h: must be a number")]
    [InlineData("""{"rules": [{"limits": {"deadband": -1}}]}""", "rules[0].limits.deadband: must not be negative")]
    [InlineData("""{"rules": [{"limits": {"onDelay": 10}}]}""", "rules[0].limits.onDelay: must be a duration such as \"10s\" (units us, ms, s, m, h, d)")]
    [InlineData("""{"rules": [{"limits": {"onDelay": "-1s"}}]}""", "rules[0].limits.onDelay: must be a duration such as \"10s\" (units us, ms, s, m, h, d)")]
    [InlineData("""{"rules": [{"limits": {"onDelay": "400d"}}]}""", "rules[0].limits.onDelay: must be from 0s to 366d")]
    [InlineData("""{"rules": [{"rate-of-change": {"up": 0}}]}""", "rules[0].rate-of-change.up: must be greater than 0")]
    [InlineData("""{"defaults": {"spike": {"width": 1.5}}}""", "defaults.spike.width: must be a whole number")]
    [InlineData("""{"defaults": {"spike": {"width": 0}}}""", "defaults.spike.width: must be from 1 to 200")]
    [InlineData("""{"defaults": {"spike": {"severity": "loud"}}}""", "defaults.spike.severity: must be \"info\", \"warning\", \"alarm\" or \"critical\"")]
    [InlineData("""{"defaults": {"flat-line": {"always": 1}}}""", "defaults.flat-line.always: must be true or false")]
    [InlineData("""{"defaults": {"spike": 5}}""", "defaults.spike: must be true, false or an object of parameters")]
    [InlineData("""{"defaults": {"spikes": true}}""", "defaults.spikes: unknown detector; did you mean \"spike\"?")]
    [InlineData("""{"rules": [{"paht": "*/*/*"}]}""", "rules[0].paht: unknown detector; did you mean \"path\"?")]
    [InlineData("""{"rules": [{"spike": {"treshold": 5}}]}""", "rules[0].spike.treshold: unknown parameter; did you mean \"threshold\"?")]
    [InlineData("""{"rules": [{"silence": {"x": 5}}]}""", "rules[0].silence.x: unknown parameter; known are after, multiple, atLeast, severity")]
    [InlineData("""{"rule": []}""", "rule: unknown section; did you mean \"rules\"?")]
    [InlineData("""{"rules": {}}""", "rules: must be a list of rules")]
    [InlineData("""{"rules": [5]}""", "rules[0]: must be an object")]
    [InlineData("""[]""", "file: must be an object with \"defaults\" and \"rules\"")]
    [InlineData("""{"rules": [{"path": "a/b"}]}""", "rules[0].path: must be factory/machine/sensor of A-Z a-z 0-9 . _ : - and *")]
    [InlineData("""{"rules": [{"path": "a/b?/c"}]}""", "rules[0].path: must be factory/machine/sensor of A-Z a-z 0-9 . _ : - and *")]
    [InlineData("""{"rules": [{"kind": ""}]}""", "rules[0].kind: must be a name of A-Z a-z 0-9 . _ : - and *")]
    [InlineData("""{"rules": [{"spike": true, "spike": false}]}""", "rules[0].spike: is given twice")]
    public void An_error_says_where_and_what(string json, string error) => Assert.Equal([error], Errors(json));

    [Fact]
    public void All_errors_are_told_at_once() => Assert.Equal(
        ["defaults.spik", "rules[0].limits.l", "rules[0].limits.h", "rules[1].path", "other"],
        Parse("""{"defaults": {"spik": {}}, "rules": [{"limits": {"l": "x", "h": true}}, {"path": 3}], "other": 1}""").Select(error => error.Path));

    [Theory]
    [InlineData("", "line 1")]
    [InlineData("{\n\"rules\": [\n}", "line 3")]
    [InlineData("{} {}", "line 1")]
    public void Text_that_is_no_JSON_is_told_by_its_line(string json, string line)
    {
        var error = Assert.Single(Parse(json));
        Assert.Equal(line, error.Path);
        Assert.StartsWith("not JSON: ", error.Message);
    }

    [Fact]
    public void Text_that_is_no_UTF8_is_told_so() =>
        Assert.Equal("file: is not UTF-8", Assert.Throws<InvalidRulesException>(() => RuleSet.Parse([(byte)'{', 0xFF, (byte)'}'])).Message);

    [Fact]
    public void Any_bytes_are_rules_or_errors()
    {
        var start = """{"defaults":{"spike":{"threshold":5}},"rules":[{"path":"a/*/c","limits":{"h":5,"onDelay":"1s"},"silence":null}]}"""u8.ToArray();
        var changes = Gen.Zip(Gen.Choose(0, start.Length - 1), Gen.Choose(0, 255)).ListOf(3).Select(list => list.ToArray()).ToArbitrary();

        Check.One(Config.QuickThrowOnFailure.WithMaxTest(2_000), Prop.ForAll(changes, list =>
        {
            var json = start.ToArray();
            foreach (var (at, value) in list)
            {
                json[at] = (byte)value;
            }
            try
            {
                RuleSet.Parse(json).DetectorsFor("a", "b", "c", "c");
            }
            catch (InvalidRulesException e)
            {
                Assert.NotEmpty(e.Errors);
            }
        }));
    }

    private static IReadOnlyList<RuleError> Parse(string json) =>
        Assert.Throws<InvalidRulesException>(() => RuleSet.Parse(Encoding.UTF8.GetBytes(json))).Errors;

    private static IEnumerable<string> Errors(string json) => Parse(json).Select(error => error.ToString());
}
