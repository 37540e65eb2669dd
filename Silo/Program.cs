using SensorGrid.Core.Grid;
using SensorGrid.Grains;
using SensorGrid.Silo;

return await SiloProgram.RunAsync(
    args, services => services.GetRequiredService<IGrid>(),
    (silo, connectionString, settings, rules) => silo.AddSensorGrid(connectionString, settings.Grid, rules), Console.Out, Console.Error);
