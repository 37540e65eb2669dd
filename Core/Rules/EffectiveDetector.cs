namespace SensorGrid.Core.Rules;

/// <summary>A detector's parameters while rules are applied one after the other.</summary>
internal sealed class EffectiveDetector(DetectorSchema schema)
{
    public bool On { get; set; } = schema.On;

    public double?[] Values { get; } = schema.Defaults();

    public Detectors.Detector? Make() => On ? schema.Make(Values) : null;
}
