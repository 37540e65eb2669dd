namespace SensorGrid.Cli.Doctor;

public enum Health
{
    Ok,
    Warn,
    Fail,
}
