using FsCheck;
using FsCheck.Fluent;
using Microsoft.Extensions.DependencyInjection;
using Orleans.Serialization;
using SensorGrid.Core.Flags;
using SensorGrid.Core.Grid;
using SensorGrid.Core.Readings;

namespace SensorGrid.Grains.Tests.Wire;

/// <summary>What travels between silos arrives as it was, every bit; and in the bytes that silos of other versions know.</summary>
public sealed class WireTests : IDisposable
{
    private const int Cases = 200;

    private readonly ServiceProvider _services = new ServiceCollection().AddSerializer().BuildServiceProvider();

    private Serializer Serializer => _services.GetRequiredService<Serializer>();

    /// <summary>What converters stand for, and what is the cluster's own.</summary>
    private static readonly Type[] Tried =
    [
        .. typeof(ISensorGrain).Assembly.GetTypes()
            .SelectMany(type => type.GetInterfaces().Where(i => i.IsGenericType && i.GetGenericTypeDefinition() == typeof(IConverter<,>)).Select(i => i.GetGenericArguments()[0])).Where(type => !type.IsSubclassOf(typeof(Exception))),
        typeof(AppendAnswer), typeof(AppendTicket), typeof(LiveBatch), typeof(LiveInterest), typeof(LiveItem), typeof(LiveLease), typeof(LiveRoom), typeof(LogAppend), typeof(MachineTwinState), typeof(OwnedFlag), typeof(PartitionAppend),
        typeof(ReplayedTwin), typeof(SensorMemory), typeof(SensorTwinState), typeof(TogetherAnswer),
    ];

    public static TheoryData<Type> Types { get; } = [.. Tried];

    public void Dispose() => _services.Dispose();

    [Fact]
    public void Every_type_of_the_interfaces_is_tried()
    {
        string[] tried = [.. Tried.Select(type => type.Name)];
        var own = typeof(ISensorGrain).Assembly.GetTypes().Where(type => type.IsDefined(typeof(GenerateSerializerAttribute), false) && !type.IsSubclassOf(typeof(Exception)));
        Assert.Equal(
            [nameof(DamagedHistoryException), nameof(GridBusyException), nameof(StoreUnavailableException)],
            own.Select(type => type.Name.Replace("Surrogate", "", StringComparison.Ordinal)).Except(tried).Select(name => $"{name}Exception").Order());
        Type[] ofCore = [typeof(Counters), typeof(FactoryView), typeof(Flag), typeof(KindRollUp), typeof(MachineSummary), typeof(MachineView), typeof(Reading), typeof(SensorSummary), typeof(SensorView), typeof(StatisticsSeries), typeof(WindowView)];
        Assert.Empty(ofCore.Select(type => type.Name).Except(tried));
    }

    [Theory]
    [MemberData(nameof(Types))]
    public void It_arrives_as_it_was(Type type) => Check.One(Config.QuickThrowOnFailure.WithMaxTest(Cases), Prop.ForAll(Arb.From(Gen.Choose(0, int.MaxValue - 1)), seed =>
    {
        var sent = new AnyValue(new Random(seed)).Of(type);
        Assert.Equal(Bits.Of(sent), Bits.Of(Serializer.Deserialize<object>(Serializer.SerializeToArray<object>(sent))));
    }));

    [Fact]
    public void Exceptions_keep_their_message_and_what_they_name()
    {
        var unknown = Travel(new UnknownPathException("f/m/s"));
        Assert.Equal(("f/m/s", "the grid knows no 'f/m/s'"), (unknown.Path, unknown.Message));
        Exception busy = new GridBusyException("full", TimeSpan.FromSeconds(2)), gone = new StoreUnavailableException("gone", TimeSpan.FromSeconds(3));
        Assert.Equal(("full", TimeSpan.FromSeconds(2)), (Travel(busy).Message, Assert.IsType<GridBusyException>(Travel(busy)).RetryAfter));
        Assert.Equal(("gone", TimeSpan.FromSeconds(3)), (Travel(gone).Message, Assert.IsType<StoreUnavailableException>(Travel(gone)).RetryAfter));
        Exception sent = new DamagedHistoryException("f/m/s", 1_700_000_000_000_000, 1_700_000_001_000_000, 7, "bad checksum");
        var damaged = Assert.IsType<DamagedHistoryException>(Travel(sent));
        Assert.Equal(sent.Message, damaged.Message);
        Assert.Equal(("f/m/s", 1_700_000_000_000_000, 1_700_000_001_000_000, 7, "bad checksum"), (damaged.Path, damaged.From, damaged.To, damaged.Readings, damaged.Reason));
        var away = Travel(new PartitionAwayException(7, "why"));
        Assert.Equal((7, "partition 7 is on its way to another silo: why"), (away.Partition, away.Message));
    }

    // A difference means that silos of the version before cannot talk with these. Give the member a new id and keep the old one, and only then these bytes.
    [Fact]
    public void The_bytes_of_what_silos_send_most_stay()
    {
        var memory = new SensorMemory(7, SensorMemory.Pack([new Reading(1_700_000_000_000_000, 20.25, Quality.Uncertain)]), [], 1_700_000_001_000_000);
        Assert.Equal("20E820000541070102034001E0C101E0", Hex(new LogAppend([[1, 2, 3], []])));
        Assert.Equal("20E820000541070102034001E021E8001D010424F4E0E0", Hex(new LogAppend([[1, 2, 3], []], new AppendTicket(7, 1_000_000))));
        Assert.Equal("20E8001D41210100796090281800000000000040344041018140822D18240A0600E0", Hex(memory));
        Assert.Equal("20E8080301C101C101C101E0", Hex(new AppendAnswer(AppendOutcome.Durable)));
        Assert.Equal("20E808030D410B6D6F766564C101C101E0", Hex(new AppendAnswer(AppendOutcome.Away, "moved")));
        Assert.Equal("20E8080301C10121E8001D010424F4E0C101E0", Hex(new AppendAnswer(AppendOutcome.Durable, null, new AppendTicket(7, 1_000_000))));
    }

    [Fact]
    public void What_silos_sent_before_there_were_tickets_and_before_these_said_where_they_come_from_is_understood()
    {
        Assert.Null(Serializer.Deserialize<LogAppend>(Convert.FromHexString("20E820000541070102034001E0E0"))!.Ticket);
        Assert.Equal(new AppendAnswer(AppendOutcome.Away, "moved"), Serializer.Deserialize<AppendAnswer>(Convert.FromHexString("20E808030D410B6D6F766564E0")));
        Assert.Equal(
            new AppendAnswer(AppendOutcome.Durable, null, new AppendTicket(7, 1_000_000)), Serializer.Deserialize<AppendAnswer>(Convert.FromHexString("20E8080301C10121E8001D010424F4E0E0")));
    }

    private T Travel<T>(T sent) => Serializer.Deserialize<T>(Serializer.SerializeToArray(sent))!;

    private string Hex<T>(T sent) => Convert.ToHexString(Serializer.SerializeToArray(sent));
}
