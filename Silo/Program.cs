using SensorGrid.Core.Grid;
using SensorGrid.Silo;

return await SiloProgram.RunAsync(args, services => services.GetRequiredService<IGrid>(), _ => { }, Console.Out, Console.Error);
