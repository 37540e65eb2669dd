using System.CommandLine;
using SensorGrid.Cli.Doctor;

namespace SensorGrid.Cli.Commands;

internal static class DoctorCommand
{
    public static Command Create()
    {
        var data = ServingOptions.Data();
        var port = ServingOptions.Port();
        var file = ServingOptions.SettingsFile();
        var set = ServingOptions.Settings();
        var command = new Command("doctor", "Check this machine, and say what to do") { data, port, file, set };
        command.SetAction(parsed =>
        {
            var findings = Examination.Run(
                parsed.GetRequiredValue(data).FullName, parsed.GetValue(port), parsed.GetValue(file)?.FullName, parsed.GetValue(set) ?? []);
            FindingTable.Write(findings, parsed.InvocationConfiguration.Output);
            return findings.Any(f => f.Health == Health.Fail) ? CommandLine.Failed : CommandLine.Done;
        });
        return command;
    }
}
