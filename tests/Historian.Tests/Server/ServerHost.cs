using SensorGrid.Historian.Server;

namespace SensorGrid.Historian.Tests.Server;

/// <summary>
/// A program that runs a private Postgres until its standard input ends. Prints <c>ready PID CONNECTION</c>, or <c>refused MESSAGE</c> and exits 1.
/// </summary>
internal static class ServerHost
{
    public static async Task<int> Main(string[] args)
    {
        try
        {
            var postgres = await PrivatePostgres.StartAsync(new() { DataFolder = args[0] }, CancellationToken.None);
            Console.WriteLine($"ready {postgres.Pid} {postgres.ConnectionString}");
            await Console.In.ReadToEndAsync();
            await postgres.StopAsync(CancellationToken.None);
            return 0;
        }
        catch (PrivatePostgresException e)
        {
            Console.WriteLine($"refused {e.Message}");
            return 1;
        }
    }
}
