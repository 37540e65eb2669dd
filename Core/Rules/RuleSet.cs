using System.Collections.Concurrent;
using SensorGrid.Core.Detectors;

namespace SensorGrid.Core.Rules;

/// <summary>
/// Says which detectors watch a sensor (docs/rules.md). Immutable but for its caches; thread-safe. Sensors whose rules come to the
/// same share one <see cref="DetectorSet"/>, so that many sensors need few.
/// </summary>
public sealed class RuleSet
{
    /// <summary>The built-in defaults for every sensor.</summary>
    public static readonly RuleSet Default = new(null, []);

    private readonly IReadOnlyList<DetectorChange>? _defaults;
    private readonly Rule[] _rules;

    /// <summary>By the rules that match, a character each.</summary>
    private readonly ConcurrentDictionary<string, DetectorSet> _setsByRules = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<Detector[], DetectorSet> _sets = new(new DetectorListComparer());

    private RuleSet(IReadOnlyList<DetectorChange>? defaults, List<Rule> rules)
    {
        _defaults = defaults;
        _rules = [.. rules];
        Fingerprint = RuleFingerprint.Of(_defaults, _rules);
    }

    /// <summary>The same for rules that say the same, and, but for chance, for no others: 16 hexadecimal digits.</summary>
    public string Fingerprint { get; }

    /// <param name="json">A rules file in UTF-8; comments and trailing commas are allowed.</param>
    /// <exception cref="InvalidRulesException">The file has errors; it lists them all.</exception>
    public static RuleSet Parse(ReadOnlySpan<byte> json)
    {
        var reader = new RuleReader();
        var (defaults, rules) = reader.Read(json);
        return reader.Errors.Count == 0 ? new RuleSet(defaults, rules) : throw new InvalidRulesException(reader.Errors);
    }

    /// <summary>The detectors of a sensor; equal outcomes are one instance. Costs a look at each rule: call it once a sensor.</summary>
    public DetectorSet DetectorsFor(string factory, string machine, string sensor, string kind)
    {
        Span<char> matching = _rules.Length <= 256 ? stackalloc char[_rules.Length] : new char[_rules.Length];
        var count = 0;
        for (var i = 0; i < _rules.Length; i++)
        {
            if (_rules[i].Matches(factory, machine, sensor, kind))
            {
                matching[count++] = (char)i;
            }
        }
        var key = matching[..count];
        return _setsByRules.GetAlternateLookup<ReadOnlySpan<char>>().TryGetValue(key, out var set) ? set : Make(key.ToString());
    }

    private DetectorSet Make(string matching) => _setsByRules.GetOrAdd(matching, rules =>
    {
        var effective = Array.ConvertAll(DetectorSchemas.All, schema => new EffectiveDetector(schema));
        if (_defaults is not null)
        {
            Array.ForEach(effective, detector => detector.On = false);
            Apply(_defaults, effective);
        }
        foreach (var rule in rules)
        {
            Apply(_rules[rule].Changes, effective);
        }
        Detector[] detectors = [.. effective.Select(detector => detector.Make()).OfType<Detector>()];
        return _sets.GetOrAdd(detectors, list => list.Length == 0 ? DetectorSet.Empty : new DetectorSet(list));
    });

    private static void Apply(IReadOnlyList<DetectorChange> changes, EffectiveDetector[] effective)
    {
        foreach (var change in changes)
        {
            change.Apply(effective[change.Detector]);
        }
    }
}
