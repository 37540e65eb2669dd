namespace SensorGrid.Core.Rules;

/// <summary>What a rule says of one detector.</summary>
/// <param name="Detector">Its place in <see cref="DetectorSchemas.All"/>.</param>
/// <param name="On">Whether it is on from here on.</param>
/// <param name="Values">The parameters named, by their place in the schema; null: back to the built-in value.</param>
internal sealed record DetectorChange(int Detector, bool On, IReadOnlyList<(int Parameter, double? Value)> Values)
{
    public void Apply(EffectiveDetector effective)
    {
        var parameters = DetectorSchemas.All[Detector].Parameters;
        effective.On = On;
        if (Values.Any(value => parameters[value.Parameter].Together))
        {
            for (var i = 0; i < parameters.Length; i++)
            {
                effective.Values[i] = parameters[i].Together ? null : effective.Values[i];
            }
        }
        foreach (var (parameter, value) in Values)
        {
            effective.Values[parameter] = value ?? parameters[parameter].Default;
        }
    }
}
