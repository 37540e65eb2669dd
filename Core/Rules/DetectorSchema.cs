using SensorGrid.Core.Detectors;

namespace SensorGrid.Core.Rules;

/// <summary>What the rules file may say of a detector, and how to make it.</summary>
/// <param name="Make">From a value a parameter; null where the values ask for nothing to watch.</param>
internal sealed record DetectorSchema(string Name, bool On, Parameter[] Parameters, Func<double?[], Detector?> Make)
{
    public double?[] Defaults() => Array.ConvertAll(Parameters, parameter => parameter.Default);
}
