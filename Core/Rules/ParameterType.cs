namespace SensorGrid.Core.Rules;

internal enum ParameterType
{
    Number,
    Whole,
    Duration,
    Severity,
    Switch,
}
