#!/usr/bin/perl
# Jobs on DBD::mysql or DBD::MariaDB (the argument says which); DBI warns, die handlers log.
use strict;
use warnings;
use DBI;
use POSIX qw(strftime);

my $driver = shift @ARGV;
open my $log, '>>', $ENV{LAB_LOG} or die $!;
$log->autoflush(1);
$| = 1;
my $prefix = $driver eq 'MariaDB' ? 'mariadb' : 'mysql';
sub note { print {$log} strftime('%Y-%m-%d %H:%M:%S', gmtime), " [$$] ", join('', @_), "\n" }
$SIG{__WARN__} = sub { my ($text) = @_; chomp $text; note($text) };

sub open_connection {
    my $where = $ENV{LAB_SOCKET} ? "${prefix}_socket=$ENV{LAB_SOCKET}" : "host=$ENV{LAB_HOST};port=$ENV{LAB_PORT}";
    my $dsn = "DBI:$driver:database=shop;$where;${prefix}_connect_timeout=5";
    # DBD::mysql cannot enforce TLS with libmariadb; it takes it where the server has it.
    $dsn .= ";${prefix}_ssl=1;${prefix}_ssl_ca_file=$ENV{LAB_CA}" if $ENV{LAB_TLS};
    $dsn .= ';mysql_ssl_optional=1' if $ENV{LAB_TLS} && $driver eq 'mysql';
    return DBI->connect($dsn, $ENV{LAB_USER}, $ENV{LAB_PASSWORD}, { RaiseError => 1, PrintError => 0 });
}

my $db;
while (my $line = <STDIN>) {
    chomp $line;
    my ($what, $sql) = split /\t/, $line, -1;
    if ($sql eq '') {
        $db->disconnect if $db;
        undef $db;
        print "done\n";
        next;
    }
    my $well = eval {
        $db //= open_connection();
        my $statement = $db->prepare($sql);
        $statement->execute;
        $statement->fetchall_arrayref if $statement->{NUM_OF_FIELDS};
        1;
    };
    if ($well) { note("$what done") }
    else {
        my $error = $@;
        chomp $error;
        note("$what failed: $error");
        undef $db;
    }
    print $well ? "done\n" : "failed\n";
}
