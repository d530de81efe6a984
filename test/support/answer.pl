# Answers at TCP 80, 443 and 22 with a page, and at UDP 53 with a line: "GREETING, you are ADDRESS". One process for all of
# them: a machine that is busy answers as well. Run as: perl answer.pl GREETING FAMILY..., with 4 and 6 as families; it
# returns when all sockets listen, and goes on in the background.
use strict;
use warnings;
use POSIX ();
use Socket qw(:all);

my ($greeting, @families) = @ARGV;
my (%listening, %datagrams, %lines);
for my $family (@families) {
    $listening{ fileno $_ } = $_ for map { server($family, SOCK_STREAM, $_) } 80, 443, 22;
    $datagrams{ fileno $_ } = $_ for server($family, SOCK_DGRAM, 53);
}

my $child = fork // die "fork: $!\n";
exit 0 if $child != 0;
POSIX::setsid();
open STDIN, '<', '/dev/null';
open STDOUT, '>', '/dev/null';
open STDERR, '>', '/dev/null';
$SIG{PIPE} = 'IGNORE';

my %clients;
while (1) {
    my $ready = '';
    vec($ready, $_, 1) = 1 for keys %listening, keys %datagrams, keys %clients;
    select($ready, undef, undef, undef) > 0 or next;
    for my $number (grep { vec($ready, $_, 1) } keys %listening) {
        accept(my $client, $listening{$number}) or next;
        $clients{ fileno $client } = $client;
        vec($ready, fileno $client, 1) = 0;
    }
    for my $number (grep { vec($ready, $_, 1) } keys %datagrams) {
        my $from = recv($datagrams{$number}, my $asked, 2000, 0);
        send($datagrams{$number}, line($from), 0, $from) if defined $from;
    }
    read_client($_) for grep { vec($ready, $_, 1) } keys %clients;
}

# A line is a question; who asks nothing is waited for.
sub read_client {
    my ($number) = @_;
    my $client = $clients{$number};
    my $got = sysread $client, $lines{$number}, 2000, length($lines{$number} // '');
    return if $got && $lines{$number} !~ /\n/;
    my $from = getpeername $client;
    syswrite $client, "HTTP/1.0 200 OK\r\n\r\n" . line($from) if defined $got && defined $from;
    delete $lines{$number};
    delete $clients{$number};
    close $client;
}

sub server {
    my ($family, $type, $port) = @_;
    my $domain = $family eq '6' ? AF_INET6 : AF_INET;
    socket(my $socket, $domain, $type, 0) or die "socket: $!\n";
    setsockopt($socket, SOL_SOCKET, SO_REUSEADDR, 1);
    setsockopt($socket, IPPROTO_IPV6, IPV6_V6ONLY, 1) if $family eq '6';
    my $any = $family eq '6' ? pack_sockaddr_in6($port, IN6ADDR_ANY) : pack_sockaddr_in($port, INADDR_ANY);
    bind($socket, $any) or die "binding port $port: $!\n";
    listen($socket, 128) if $type == SOCK_STREAM;
    return $socket;
}

sub line {
    my ($from) = @_;
    my $family = sockaddr_family($from);
    my (undef, $address) = $family == AF_INET6 ? unpack_sockaddr_in6($from) : unpack_sockaddr_in($from);
    return "$greeting, you are " . inet_ntop($family, $address) . "\n";
}
