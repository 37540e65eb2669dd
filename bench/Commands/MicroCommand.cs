using System.CommandLine;
using BenchmarkDotNet.Columns;
using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Diagnosers;
using BenchmarkDotNet.Exporters;
using BenchmarkDotNet.Jobs;
using BenchmarkDotNet.Loggers;
using BenchmarkDotNet.Running;
using BenchmarkDotNet.Toolchains.InProcess.Emit;
using Perfolizer.Horology;

namespace SensorGrid.Bench.Commands;

/// <summary>The operations of Micro/ with BenchmarkDotNet, in this process: it needs no build of its own.</summary>
internal static class MicroCommand
{
    private static readonly TimeInterval IterationTime = TimeInterval.FromMilliseconds(100);

    public static Command Create()
    {
        var filter = new Argument<string>("FILTER") { Description = "A part of the names to run", DefaultValueFactory = _ => "" };
        var command = new Command("micro", "Single operations: time and allocated bytes of each") { filter };
        command.SetAction(parsed =>
        {
            var artifacts = Directory.CreateTempSubdirectory("sensorgrid-bench-micro-");
            try
            {
                var config = ManualConfig.CreateEmpty()
                    .AddJob(Job.Default.WithToolchain(InProcessEmitToolchain.Instance).WithIterationTime(IterationTime).WithMaxIterationCount(30))
                    .AddDiagnoser(MemoryDiagnoser.Default)
                    .AddColumnProvider(DefaultColumnProviders.Instance)
                    .AddLogger(ConsoleLogger.Default)
                    .AddExporter(MarkdownExporter.GitHub)
                    .WithOption(ConfigOptions.JoinSummary, true)
                    .WithArtifactsPath(artifacts.FullName);
                string[] arguments = ["--filter", $"*{parsed.GetValue(filter)}*"];
                var summaries = BenchmarkSwitcher.FromAssembly(typeof(MicroCommand).Assembly).Run(arguments, config);
                if (!summaries.Any(summary => summary.Reports.Any()) || summaries.Any(summary => summary.Reports.Any(report => !report.Success)))
                {
                    throw new BenchException("not every micro-benchmark ran: see above");
                }
            }
            finally
            {
                artifacts.Delete(recursive: true);
            }
        });
        return command;
    }
}
