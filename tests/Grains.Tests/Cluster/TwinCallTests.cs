using System.Reflection;
using Microsoft.Extensions.Logging;
using SensorGrid.Core.Catalog;
using SensorGrid.Core.Twins;
using SensorGrid.Engine.Partitions;
using SensorGrid.Grains.Twins;

namespace SensorGrid.Grains.Tests.Cluster;

/// <summary>Calls to grains that have a seat, and cannot be made for a while.</summary>
public sealed class TwinCallTests
{
    private readonly LogLines _log = new();
    private readonly IGrainFactory _factory = DispatchProxy.Create<IGrainFactory, Factory>();

    [Fact]
    public void A_grain_that_was_not_called_is_called_with_the_next_readings()
    {
        using var loggers = LoggerFactory.Create(logging => logging.AddProvider(_log));
        using var twins = new TwinGrains(_factory, null!, TimeProvider.System, loggers.CreateLogger<TwinGrains>());
        var machine = new SensorCatalog(1, CatalogLimits.Default).Restore(0, "f", "m", "s", "s").Machine;
        var seat = new Seat();
        twins.Sit(machine, seat);
        bool TryGive() => twins.TryGive(new MachineBatch(new BatchRound(), null!, new MachineTwin(machine), []));
        var factory = (Factory)_factory;

        factory.IsAway = true;
        Assert.Equal((false, false, false), (TryGive(), TryGive(), TryGive()));
        Assert.Equal("Readings are not sent to grains, and the partitions apply them: away", Assert.Single(_log.Lines).Text);

        factory.IsAway = false;
        Assert.Equal((true, 1, 0), (TryGive(), factory.Calls, seat.Scheduled));
        Assert.Equal((true, 1, 1), (TryGive(), factory.Calls, seat.Scheduled));
    }

    private class Factory : DispatchProxy
    {
        public bool IsAway { get; set; }

        public int Calls { get; private set; }

        protected override object? Invoke(MethodInfo? targetMethod, object?[]? args)
        {
            if (IsAway)
            {
                throw new InvalidOperationException("away");
            }
            Calls++;
            return DispatchProxy.Create<ITwinGrain, Grain>();
        }
    }

    private class Grain : DispatchProxy
    {
        protected override object? Invoke(MethodInfo? targetMethod, object?[]? args) => Task.CompletedTask;
    }

    private sealed class Seat : TaskScheduler, ITwinSeat
    {
        private long _calledAt;

        public int Scheduled { get; private set; }

        public TaskScheduler Turns => this;

        GrainId ITwinSeat.Id => default;

        public ref long CalledAt => ref _calledAt;

        protected override void QueueTask(Task task) => Scheduled++;

        protected override bool TryExecuteTaskInline(Task task, bool taskWasPreviouslyQueued) => false;

        protected override IEnumerable<Task> GetScheduledTasks() => [];
    }
}
