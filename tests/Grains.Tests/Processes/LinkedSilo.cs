using System.Globalization;
using System.Net;
using Microsoft.Extensions.DependencyInjection;
using Orleans.Configuration;
using SensorGrid.Core.Grid;
using SensorGrid.Silo;

namespace SensorGrid.Grains.Tests.Processes;

/// <summary>The silo's program, save that the others reach it at another port than it listens on: by a link that can be cut.</summary>
internal static class LinkedSilo
{
    /// <summary>Names the port at which the others reach it.</summary>
    public const string Variable = "LINKED_SILO_PORT";

    public static Task<int> Main(string[] args) => SiloProgram.RunAsync(
        args, services => services.GetRequiredService<IGrid>(),
        (silo, connectionString, settings, rules) =>
        {
            silo.AddSensorGrid(connectionString, settings.Grid, rules);
            silo.Configure<EndpointOptions>(ends =>
            {
                ends.SiloListeningEndpoint = new IPEndPoint(IPAddress.Loopback, settings.Silo.SiloPort);
                ends.SiloPort = int.Parse(Environment.GetEnvironmentVariable(Variable)!, CultureInfo.InvariantCulture);
            });
        },
        Console.Out, Console.Error);
}
