#include "agent/model/gru_scan.h"

#include <ATen/core/LegacyTypeDispatch.h>
#include <ATen/ops/add.h>
#include <ATen/ops/addcmul.h>
#include <ATen/ops/addmm.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/lerp.h>
#include <ATen/ops/mul.h>
#include <ATen/ops/stack.h>
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
    const auto options = projected.options();
    const at::Tensor gates = at::empty({steps, rows, 3 * size}, options);
    const at::Tensor hidden = at::empty({steps, rows, 3 * size}, options);  // u
    const at::Tensor before = at::empty({steps, rows, size}, options);
    const at::Tensor after = at::empty({steps, rows, size}, options);
    const at::Tensor transposed = weight.t();
    for (int64_t t = 0; t < steps; ++t) {
      at::Tensor old = before[t];
      at::mul_out(old, t == 0 ? start : after[t - 1], keep[t].unsqueeze(1));
      at::Tensor u = hidden[t];
      at::addmm_out(u, bias, old, transposed);
      const at::Tensor p = projected[t];
      at::Tensor rz = gates[t].narrow(1, 0, 2 * size);
      at::add_out(rz, p.narrow(1, 0, 2 * size), u.narrow(1, 0, 2 * size));
      rz.sigmoid_();
      at::Tensor n = Part(gates[t], 2, size);
      at::addcmul_out(n, Part(p, 2, size), Part(rz, 0, size), Part(u, 2, size));
      n.tanh_();
      at::Tensor h = after[t];
      at::lerp_out(h, n, old, Part(rz, 1, size));
    }
    context->save_for_backward({weight, keep, gates, Part(hidden, 2, size), before});
    return after;
  }

  // Each step adds to the gradient of the one before; what does not depend on it is made for all
  // steps at once.
  static variable_list backward(AutogradContext* context, const variable_list& outputs) {
    const variable_list saved = context->get_saved_variables();
    const at::AutoDispatchBelowADInplaceOrView unrecorded;  // a quarter less time
    const at::Tensor& weight = saved[0];
    const at::Tensor& keep = saved[1];
    const at::Tensor& hidden = saved[3];
    const at::Tensor& before = saved[4];
    const int64_t size = weight.size(1);
    const at::Tensor r = Part(saved[2], 0, size);
    const at::Tensor z = Part(saved[2], 1, size);
    const at::Tensor n = Part(saved[2], 2, size);
    const at::Tensor n_by_h = (1 - z) * TanhSlope(n);
    const at::Tensor r_by_h = n_by_h * hidden * SigmoidSlope(r);
    const at::Tensor z_by_h = (before - n) * SigmoidSlope(z);
    const at::Tensor u_by_h = at::stack({r_by_h, z_by_h, n_by_h * r}, 2);

    const int64_t steps = before.size(0);
    const int64_t rows = before.size(1);
    const at::Tensor dafter = outputs[0].clone(at::MemoryFormat::Contiguous);
    const at::Tensor du = at::empty({steps, rows, 3, size}, before.options());
    at::Tensor dbefore = at::empty({rows, size}, before.options());
    for (int64_t t = steps - 1; t >= 0; --t) {
      at::Tensor here = du[t];
      at::mul_out(here, dafter[t].unsqueeze(1), u_by_h[t]);
      if (t == 0) break;
      at::mul_out(dbefore, dafter[t], z[t]);
      dbefore.addmm_(here.view({rows, 3 * size}), weight);
      dafter[t - 1].addcmul_(dbefore, keep[t].unsqueeze(1));
    }
    at::Tensor dprojected = du.clone();  // the same but for n's part
    at::Tensor dn = dprojected.select(2, 2);
    at::mul_out(dn, dafter, n_by_h);
    const at::Tensor flat = du.view({steps * rows, 3 * size});
    return {dprojected.view({steps, rows, 3 * size}), flat.t().mm(before.flatten(0, 1)),
            flat.sum(0), at::Tensor(), at::Tensor()};
  }
};

}  // namespace

at::Tensor GruScan(const at::Tensor& projected, const at::Tensor& weight, const at::Tensor& bias,
                   const at::Tensor& start, const at::Tensor& keep) {
  return Scan::apply(projected, weight, bias, start, keep);
}

}  // namespace drover
