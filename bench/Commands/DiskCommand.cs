using System.CommandLine;
using SensorGrid.Bench.Disk;

namespace SensorGrid.Bench.Commands;

internal static class DiskCommand
{
    public static Command Create()
    {
        var cnc = new Option<DirectoryInfo>("--cnc") { Description = "A folder of wide CSV files, such as those of the CNC mill", Required = true };
        var common = new BenchOptions();
        var command = new Command("disk", "Real files into SensorGrid: bytes a reading on disk") { cnc };
        common.AddTo(command);
        command.SetAction((parsed, cancellation) => common.RunAsync(
            parsed, (folder, report) => new DiskBench(common.Program(parsed), parsed.GetRequiredValue(cnc), folder, report).RunAsync(cancellation)));
        return command;
    }
}
