#include "agent/model/lstm_scan.h"

#include <ATen/core/LegacyTypeDispatch.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/mm.h>
#include <ATen/ops/mul.h>
#include <ATen/ops/stack.h>
#include <ATen/ops/tanh.h>
#include <torch/csrc/autograd/custom_function.h>

#include "agent/model/gates.h"

namespace drover {
namespace {

using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

class Scan : public torch::autograd::Function<Scan> {
 public:
  static at::Tensor forward(AutogradContext* context, const at::Tensor& projected,
                            const at::Tensor& weight, const at::Tensor& bias,
                            const at::Tensor& start, const at::Tensor& keep) {
    const at::AutoDispatchBelowADInplaceOrView unrecorded;  // a quarter less time
    const int64_t steps = projected.size(0);
    const int64_t rows = projected.size(1);
    const int64_t size = weight.size(1);
    const at::Tensor gates = (projected + bias).contiguous();  // then what they become
    const at::Tensor before = at::empty({steps, rows, 2 * size}, gates.options());
    const at::Tensor after = at::empty({steps, rows, 2 * size}, gates.options());
    const at::Tensor squashed = at::empty({steps, rows, size}, gates.options());  // tanh(c')
    const at::Tensor transposed = weight.t();
    for (int64_t t = 0; t < steps; ++t) {
      at::Tensor old = before[t];
      at::mul_out(old, t == 0 ? start : after[t - 1], keep[t].unsqueeze(1));
      const at::Tensor gate = gates[t].addmm_(Part(old, 0, size), transposed);
      gate.narrow(1, 0, 2 * size).sigmoid_();
      Part(gate, 2, size).tanh_();
      Part(gate, 3, size).sigmoid_();
      at::Tensor c = Part(after[t], 1, size);
      at::mul_out(c, Part(gate, 1, size), Part(old, 1, size));
      c.addcmul_(Part(gate, 0, size), Part(gate, 2, size));
      at::Tensor tanh_c = squashed[t];
      at::tanh_out(tanh_c, c);
      at::Tensor h = Part(after[t], 0, size);
      at::mul_out(h, Part(gate, 3, size), tanh_c);
    }
    context->save_for_backward({weight, keep, gates, before, squashed});
    return after;
  }

  // Each step adds to the gradient of the one before; what does not depend on it is made for all
  // steps at once.
  static variable_list backward(AutogradContext* context, const variable_list& outputs) {
    const variable_list saved = context->get_saved_variables();
    const at::AutoDispatchBelowADInplaceOrView unrecorded;  // a quarter less time
    const at::Tensor& weight = saved[0];
    const at::Tensor& keep = saved[1];
    const at::Tensor& before = saved[3];
    const at::Tensor& squashed = saved[4];
    const int64_t size = weight.size(1);
    const at::Tensor i = Part(saved[2], 0, size);
    const at::Tensor f = Part(saved[2], 1, size);
    const at::Tensor g = Part(saved[2], 2, size);
    const at::Tensor o = Part(saved[2], 3, size);
    const at::Tensor c_by_h = o * TanhSlope(squashed);
    const at::Tensor o_by_h = squashed * SigmoidSlope(o);
    const at::Tensor ifg_by_c = at::stack(
        {g * SigmoidSlope(i), Part(before, 1, size) * SigmoidSlope(f), i * TanhSlope(g)}, 2);

    const int64_t steps = before.size(0);
    const int64_t rows = before.size(1);
    const at::Tensor dafter = outputs[0].clone(at::MemoryFormat::Contiguous);
    const at::Tensor dgates = at::empty({steps, rows, 4, size}, before.options());
    at::Tensor dh_before = at::empty({rows, size}, before.options());
    at::Tensor dc_before = at::empty({rows, size}, before.options());
    for (int64_t t = steps - 1; t >= 0; --t) {
      const at::Tensor dh = Part(dafter[t], 0, size);
      const at::Tensor dc = Part(dafter[t], 1, size).addcmul_(dh, c_by_h[t]);
      at::Tensor difg = dgates[t].narrow(1, 0, 3);
      at::mul_out(difg, dc.unsqueeze(1), ifg_by_c[t]);
      at::Tensor d_o = dgates[t].select(1, 3);
      at::mul_out(d_o, dh, o_by_h[t]);
      if (t == 0) break;
      at::mm_out(dh_before, dgates[t].view({rows, 4 * size}), weight);
      at::mul_out(dc_before, dc, f[t]);
      const at::Tensor kept = keep[t].unsqueeze(1);
      Part(dafter[t - 1], 0, size).addcmul_(dh_before, kept);
      Part(dafter[t - 1], 1, size).addcmul_(dc_before, kept);
    }
    const at::Tensor flat = dgates.view({steps * rows, 4 * size});
    return {flat.view({steps, rows, 4 * size}), flat.t().mm(Part(before, 0, size).flatten(0, 1)),
            flat.sum(0), at::Tensor(), at::Tensor()};
  }
};

}  // namespace

at::Tensor LstmScan(const at::Tensor& projected, const at::Tensor& weight, const at::Tensor& bias,
                    const at::Tensor& start, const at::Tensor& keep) {
  return Scan::apply(projected, weight, bias, start, keep);
}

}  // namespace drover
