// What ThreadSanitizer cannot see in gRPC: linked into a test that runs a server, it leaves out
// reports of gRPC's own fields. Debian's libgrpc is not instrumented, but part of gRPC is compiled
// from headers into the test; where such code hands an object from thread to thread through the
// library, ThreadSanitizer misses what orders the two accesses.
//
// Each line names code that calls none of ours, so that races in reactors are still found. Do not
// add `race:libgrpc` or a function that runs callbacks: either hides real races.
extern "C" const char* __tsan_default_suppressions();  // NOLINT: ThreadSanitizer names it

extern "C" const char* __tsan_default_suppressions() {  // NOLINT
  return
      // An operation from its start on one thread to its end on another.
      "race:^grpc::internal::CallOpSet<*>::FinalizeResult\n"
      "race:^grpc::internal::Callback*Handler<*>::ServerCallback*Impl::Finish(grpc::Status)$\n"
      "race:^grpc::internal::Callback*Handler<*>::ServerCallback*Impl::SetupReactor(*)$\n"
      "race_top:/usr/include/grpcpp/impl/\n"
      "race_top:/usr/include/grpcpp/support/callback_common.h\n"
      "race_top:/usr/include/grpcpp/support/server_callback.h\n"
      // A call, its request and the base of its reactor, from start to end. (That nobody uses them
      // after their end is for AddressSanitizer to find.)
      "race:^grpc::internal::Callback*Handler<*>::ServerCallback*Impl::ServerCallback*Impl(\n"
      "race:^grpc::internal::Callback*Handler<*>::ServerCallback*Impl::~ServerCallback*Impl(\n"
      "race:^grpc::internal::Callback*Handler<*>::Deserialize(\n"
      "race:^grpc::internal::DefaultMessageHolder<*>::Release(\n"
      "race:~Server*Reactor\n";
}
