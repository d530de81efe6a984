# Asks at many places at the same time and prints the answers, each with a NUL byte behind it. An argument for each:
# "PROTOCOL ADDRESS PORT SOURCE SOURCE-PORT", with - for a source that the kernel is to choose. Over TCP the answer is the
# last line, or what went wrong; over UDP it is a line, or nothing.
use strict;
use warnings;
use Socket qw(AF_INET AF_INET6 SOCK_STREAM SOCK_DGRAM SOCK_NONBLOCK SOL_SOCKET SO_ERROR inet_pton pack_sockaddr_in pack_sockaddr_in6);
use Time::HiRes qw(time);

# Linux' number of it: module Errno takes longer to load than most questions.
use constant EINPROGRESS => 115;

# In seconds. The kernel of the other end accepts a connection, without any program of its own: one that is not
# established by then is dropped on its way.
my $connect_time = 0.3;
# In seconds, how long a program may take to answer over TCP, once it is connected, and over UDP.
my %answer_time = (tcp => 5, udp => 0.7);

my @probes = map { start($_) } @ARGV;
while (my @waiting = grep { !defined $_->{answer} } @probes) {
    my ($reads, $writes, $soonest) = ('', '', (sort { $a <=> $b } map { $_->{deadline} } @waiting)[0]);
    vec($_->{isConnecting} ? $writes : $reads, fileno $_->{socket}, 1) = 1 for @waiting;
    my $rest = $soonest - time;
    select($reads, $writes, undef, $rest > 0 ? $rest : 0);
    my $now = time;
    for my $probe (@waiting) {
        my $number = fileno $probe->{socket};
        if (vec($writes, $number, 1)) { connected($probe) }
        elsif (vec($reads, $number, 1)) { receive($probe) }
        elsif ($now >= $probe->{deadline}) { $probe->{answer} = $probe->{protocol} eq 'tcp' ? 'timed out' : '' }
    }
}
print map { "$_->{answer}\0" } @probes;

sub start {
    my ($protocol, $address, $port, $source, $source_port) = split / /, $_[0];
    my $probe = { protocol => $protocol, text => '', deadline => time + $connect_time };
    my $family = $address =~ /:/ ? AF_INET6 : AF_INET;
    my $type = $protocol eq 'tcp' ? SOCK_STREAM : SOCK_DGRAM;
    socket($probe->{socket}, $family, $type | SOCK_NONBLOCK, 0) or die "socket: $!\n";
    if ($source ne '-' || $source_port ne '-') {
        my $own = $source ne '-' ? $source : $family == AF_INET6 ? '::' : '0.0.0.0';
        bind($probe->{socket}, place($family, $own, $source_port ne '-' ? $source_port : 0))
            or return { %$probe, answer => "bind: $!" };
    }
    if (connect($probe->{socket}, place($family, $address, $port))) { connected($probe) }
    elsif ($! == EINPROGRESS) { $probe->{isConnecting} = 1 }
    else { $probe->{answer} = "connect: $!" }
    return $probe;
}

sub connected {
    my ($probe) = @_;
    $probe->{isConnecting} = 0;
    $! = unpack 'i', getsockopt($probe->{socket}, SOL_SOCKET, SO_ERROR);
    return $probe->{answer} = "connect: $!" if $! != 0;
    $probe->{deadline} = time + $answer_time{ $probe->{protocol} };
    send($probe->{socket}, "hello\n", 0) or return $probe->{answer} = "send: $!";
    shutdown($probe->{socket}, 1) if $probe->{protocol} eq 'tcp';
}

sub receive {
    my ($probe) = @_;
    my $got = sysread $probe->{socket}, $probe->{text}, 65536, length $probe->{text};
    return if $got && $probe->{protocol} eq 'tcp';
    my ($last) = (grep { /\S/ } split /\r?\n/, $probe->{text})[-1];
    $probe->{answer} = $last // ($probe->{protocol} eq 'tcp' && !defined $got ? "read: $!" : '');
}

# A link-local address has the number of its interface behind it: fe80::1%2.
sub place {
    my ($family, $address, $port) = @_;
    my $scope = $address =~ s/%(\d+)$// ? $1 : 0;
    my $packed = inet_pton($family, $address) // die "no address: $address\n";
    return $family == AF_INET6 ? pack_sockaddr_in6($port, $packed, $scope) : pack_sockaddr_in($port, $packed);
}
